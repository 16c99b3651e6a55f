"""Decisions in files: what was accepted is written beside the exclusions, and taken up again."""

from pathlib import Path

import pytest
from app.many_trials import write_trials

from smilejax import ReadSettings, Recipe
from smilejax._util.errors import OutputError, ReadError
from smilejax.app import browsing, exclusion_file
from smilejax.app.browsing import Browsing, TrialName
from smilejax.app.reach import Reach
from smilejax.app.session import Session

FILE = "trials-accepted.csv"


def opened(folder: Path, name: str = "trials.csv") -> Session:
    made = Session(Reach.of(folder))
    made.open([name], ReadSettings())
    return made


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Sixteen trials of two participants, and another file."""
    write_trials(tmp_path / "trials.csv", participants=2, trials=8, samples=12)
    write_trials(tmp_path / "other.csv", participants=1, trials=4, samples=12)
    return opened(tmp_path)


def accept(session: Session) -> TrialName:
    name = session.state.trials[session.state.row]
    session.decide(browsing.moved(browsing.accepted(session.state), 1))
    return name


def test_accepted_trials_are_found_again(session: Session, tmp_path: Path) -> None:
    """After a new start, and after another file was open; names with quotes, commas and markup come back as they were."""
    names = [accept(session) for _ in range(3)]
    assert set(exclusion_file.accepted_names(tmp_path / FILE)) == set(names)
    assert opened(tmp_path).state.accepted == session.state.accepted
    before = session.state.accepted
    session.open(["other.csv"], ReadSettings())
    assert session.state.accepted == set()
    session.open(["trials.csv"], ReadSettings())
    assert session.state.accepted == before
    session.decide(browsing.excluded(browsing.jumped(session.state, 1), "noise"))
    again = opened(tmp_path)
    assert (len(again.state.excluded), len(again.state.accepted)) == (1, 2)


def test_a_damaged_file_is_said_and_left_as_it_is(session: Session, tmp_path: Path) -> None:
    path = tmp_path / FILE
    for damaged in (
        b"participant;trial\np1;t1\n",
        b"",
        b"participant,trial\np1\n",
        b"\xff\xfe",
        b'participant,trial\n"p1,t1\n',
    ):
        path.write_bytes(damaged)
        again = opened(tmp_path)
        assert FILE in str(again.accepted_problem), damaged
        before = again.state
        with pytest.raises(ReadError, match=FILE):
            accept(again)
        assert (path.read_bytes(), again.state) == (damaged, before)
    path.unlink()
    accept(again)
    assert opened(tmp_path).accepted_problem is None


def test_trials_that_are_not_in_the_recording_stay_in_the_file(session: Session, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("participant,trial\nsomebody,t1\n")
    again = opened(tmp_path)
    assert again.state.accepted == set()
    name = accept(again)
    assert exclusion_file.accepted_names(tmp_path / FILE) == (name, TrialName("somebody", "t1"))


def test_each_file_of_exclusions_has_its_own_beside_it(session: Session, tmp_path: Path) -> None:
    accept(session)
    assert session.keep_exclusions_in("trials-excluded.csv").is_file()  # where they are kept anyway
    session.keep_exclusions_in("mine.csv")
    assert len(exclusion_file.accepted_names(tmp_path / "mine-accepted.csv")) == 1
    accept(session)
    assert len(exclusion_file.accepted_names(tmp_path / "mine-accepted.csv")) == 2
    session.keep_exclusions_in("third.csv")
    session.load_exclusions("mine.csv")
    assert len(session.state.accepted) == 2
    (tmp_path / "fourth-accepted.csv").write_text("participant,trial\n")
    with pytest.raises(OutputError, match=r"fourth-accepted\.csv exists already"):
        session.keep_exclusions_in("fourth.csv")
    assert not (tmp_path / "fourth.csv").exists()


def test_without_a_file_beside_it_what_was_accepted_stays(session: Session, tmp_path: Path) -> None:
    name = accept(session)
    (tmp_path / "mine.csv").write_text("participant,trial,reason,blind\n")
    session.load_exclusions("mine.csv")
    assert [session.state.trials[row] for row in session.state.accepted] == [name]


def test_recordings_open_when_the_last_exclusion_was_taken_back(session: Session, tmp_path: Path) -> None:
    session.decide(browsing.excluded(session.state, "noise"))
    session.decide(browsing.accepted(session.state))
    assert (tmp_path / "trials-excluded.csv").read_text() == "participant,trial,reason,blind\n"
    again = opened(tmp_path)
    assert (dict(again.state.excluded), again.state.accepted) == ({}, session.state.accepted)


def test_damaged_exclusions_leave_what_was_open(session: Session, tmp_path: Path) -> None:
    """Opened again, they are refused again, and never written over."""
    path = tmp_path / "other-excluded.csv"
    path.write_text("participant,trial\nsomebody,t1\n")
    before = (session.opened, session.state, session.recipe)
    for _ in range(2):
        with pytest.raises(ReadError, match="somebody"):
            session.open(["other.csv"], ReadSettings())
        assert (session.opened, session.state, session.recipe) == before


def test_a_recipe_that_was_changed_is_kept_and_said_to_be(session: Session) -> None:
    session.open(["other.csv"], ReadSettings())
    assert session.recipe_from is None
    session.recipe = Recipe(max_gap_ms=123.0)
    session.open(["other.csv"], ReadSettings(unit="au"))  # the same recordings
    assert session.recipe_from is None
    session.open(["trials.csv"], ReadSettings())
    assert session.recipe == Recipe(max_gap_ms=123.0)
    assert session.recipe_from == "other.csv"


def test_a_table_of_names(tmp_path: Path) -> None:
    state = browsing.browsing(["p,1", 'p"2'], ["a\nb", "t\r\n2"])
    kept = Browsing(state.trials, state.order, 0, accepted=frozenset({0, 1}))
    exclusion_file.save_accepted(kept, tmp_path / "x-accepted.csv")
    assert exclusion_file.load_accepted(tmp_path / "x-accepted.csv", state) == {0, 1}
