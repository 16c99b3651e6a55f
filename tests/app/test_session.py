"""What is open and what was decided, in files: recordings, exclusions, mapping files, the command of an evaluation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from app.many_trials import NASTY, write_trials

from smilejax import ReadSettings, Recipe, StudySettings, read
from smilejax._util.errors import OutputError, ReadError, SettingsError
from smilejax.app import browsing
from smilejax.app.opening import mapping_place, write_mapping
from smilejax.app.reach import Reach
from smilejax.app.session import Session
from smilejax.cli.evaluate_command import COMMAND
from smilejax.cli.parsing import parse_options
from smilejax.readers import load_mapping


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Sixteen trials of two participants are open, one of whom has a name that is markup."""
    write_trials(tmp_path / "trials.csv", participants=2, trials=8, samples=12)
    made = Session(Reach.of(tmp_path))
    made.open(["trials.csv"], ReadSettings())
    return made


def exclude(session: Session, reason: str) -> None:
    session.decide(browsing.moved(browsing.excluded(session.state, reason), 1))


def test_what_is_excluded_is_what_commands_leave_out(session: Session, tmp_path: Path) -> None:
    """Names with quotes, commas, markup and lines come back as they were."""
    names = [session.state.trials[row] for row in session.state.order[:3]]
    for reason in ("noise", 'a "quoted", <b>reason</b>', "  two\nlines "):
        exclude(session, reason)
    path = tmp_path / "trials-excluded.csv"
    assert session.exclusions == path
    found = read(tmp_path / "trials.csv", ReadSettings(exclude=str(path)))
    assert len(found) == 13
    assert not {(one.participant, one.trial) for one in names} & set(zip(found.participant, found.trial, strict=True))
    counted = {(one.reason, one.trials, one.blind) for one in found.source.by_hand}
    assert counted == {("noise", 1, True), ('a "quoted", <b>reason</b>', 1, True), ("two lines", 1, True)}


def test_decisions_are_found_again(session: Session, tmp_path: Path) -> None:
    session.decide(browsing.class_shown(session.state, True))
    exclude(session, "noise")
    again = Session(Reach.of(tmp_path))
    again.open(["trials.csv"], ReadSettings())
    assert again.state.excluded == session.state.excluded
    assert next(iter(again.state.excluded.values())).blind is False
    again.decide(browsing.accepted(browsing.jumped(again.state, 1)))
    assert "noise" not in (tmp_path / "trials-excluded.csv").read_text()


def test_reading_anew_keeps_decisions_of_the_same_trials(session: Session) -> None:
    exclude(session, "noise")
    before = session.state
    session.open(["trials.csv"], ReadSettings(unit="au"))
    assert session.opened.recording.unit == "au"
    assert session.state == before


def test_what_cannot_be_read_leaves_all_as_it_is(session: Session) -> None:
    before = (session.opened, session.state, session.settings)
    with pytest.raises((ReadError, SettingsError), match="colour"):
        session.open(["trials.csv"], ReadSettings(label="colour"))
    with pytest.raises(ReadError, match="lies outside"):
        session.open(["/etc/passwd"], ReadSettings())
    with pytest.raises(ReadError, match="lies outside"):
        session.open(["trials.csv"], ReadSettings(join=("/etc/passwd",)))
    with pytest.raises(ReadError, match=r"'\.\.'"):
        session.open(["trials.csv"], ReadSettings(events="../events.csv", trials_from="{trial}"))
    assert (session.opened, session.state, session.settings) == before


def test_exclusions_of_other_recordings_are_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("participant,trial,reason\nsomebody,t1,noise\n")
    with pytest.raises(ReadError, match="no trial 't1' of participant 'somebody'"):
        session.load_exclusions("other.csv")
    assert dict(session.state.excluded) == {}
    with pytest.raises(OutputError, match="exists already"):
        session.keep_exclusions_in("other.csv")
    with pytest.raises(OutputError, match=r"is called \.csv"):
        session.keep_exclusions_in("other.txt")
    assert (tmp_path / "other.csv").read_text().count("\n") == 2


def test_a_mapping_file_reads_the_same(session: Session, tmp_path: Path) -> None:
    session.open(["trials.csv"], ReadSettings(unit="au", missing=(2.5,)))
    path = mapping_place("map.toml", session.reach)
    write_mapping(session.opened, path)
    assert path == tmp_path / "map.toml"
    there = read(tmp_path / "trials.csv", load_mapping(path))
    assert there.unit == "au"
    np.testing.assert_array_equal(there.pupil, session.opened.recording.pupil)
    assert session.open_mapping("map.toml").missing == (2.5,)
    with pytest.raises(SettingsError, match=r"called \.toml"):
        mapping_place("map.csv", session.reach)
    with pytest.raises(SettingsError, match="has no name"):
        mapping_place("", session.reach)
    with pytest.raises(OutputError, match=r"lies outside|up by"):
        mapping_place("../map.toml", session.reach)


def test_what_a_folder_holds_of_a_study(session: Session, tmp_path: Path) -> None:
    assert session.study_in("../x") == (None, "nothing")
    for folder, file in (("a", "begun.json"), ("b", "study.json")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text("{}")
    assert [session.study_in(name) for name in ("a", "b", "c")] == [
        (tmp_path / "a", "begun"),
        (tmp_path / "b", "finished"),
        (tmp_path / "c", "nothing"),
    ]


def test_what_is_said_of_what_is_open(session: Session) -> None:
    facts = dict(session.opened.facts)
    assert (facts["trials"], facts["participants"], facts["classes"]) == ("16", "2", "8 posed, 8 genuine")
    assert (facts["rate"], facts["unit"], facts["reader"]) == ("20 Hz", "mm", "tidy")
    assert session.opened.headings[:3] == ("participant", "trial", "time_ms")
    assert any(how == "recognised" for _, _, how in session.opened.findings)
    assert NASTY in set(session.opened.recording.participant)


def test_the_command_of_an_evaluation(session: Session, tmp_path: Path) -> None:
    exclude(session, "noise")
    session.recipe = Recipe(max_gap_ms=123.25, lowpass_hz=None)
    words = session.evaluate_words("study", StudySettings.with_seeds(3), resume=False)
    made = parse_options(COMMAND, words[1:])
    assert made.data == (tmp_path / "trials.csv",)
    assert (made.out, made.recipe, made.resume) == (tmp_path / "study", session.recipe, False)
    assert made.study == StudySettings.with_seeds(3)
    assert made.read == ReadSettings(exclude=str(tmp_path / "trials-excluded.csv"))
    assert session.in_words() == "1 trial is excluded by hand; the recipe is changed in max gap, lowpass."
    more = session.evaluate_words("study", StudySettings(seeds=20, permutations=19), resume=False)
    assert parse_options(COMMAND, more[1:]).study == StudySettings(seeds=20, permutations=19)
    with pytest.raises(OutputError):
        session.evaluate_words("../study", StudySettings(), resume=False)
    (tmp_path / "full").mkdir()
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "full" / "x.csv")
    with pytest.raises(OutputError, match="is not empty"):
        session.evaluate_words("full", StudySettings(), resume=False)
