"""Which rows make a trial: two onsets are two trials, and a trial does not go from one recording into another in silence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA
from helpers.tracker_files.eyelink_asc import Block
from helpers.tracker_files.eyelink_asc import write as write_asc

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings


def blocks(
    *starts: int, samples: int = 40, messages: tuple[tuple[int, str], ...] = ((0, "start_trial"),)
) -> list[Block]:
    """Blocks of 1000 Hz from these times on, each with pupils of its own."""
    return [
        Block(start, np.full((samples, 1), 1000.0 * (i + 1)) + np.arange(samples)[:, None], messages=messages)
        for i, start in enumerate(starts)
    ]


def found(trials: Trials, what: str) -> str:
    return next(f"{f.how}: {f.value}" for f in trials.source.findings if f.what == what)


def test_an_onset_of_one_name_in_each_block_is_a_trial_each(tmp_path: Path) -> None:
    """Blocks with pauses of 5 ms once were one trial, with the pauses as absent rows."""
    file = write_asc(tmp_path / "a.asc", blocks(1000, 1045, 1090))
    cut = ReadSettings(trials_from="start_{stimulus}")
    with pytest.warns(DataWarning, match=r"names that come again: 2 trials, numbered: trial \(2\), trial \(3\)"):
        trials = read(file, cut, labels="optional")
    assert trials.trial == ("trial", "trial (2)", "trial (3)")
    assert trials.stimulus == ("trial",) * 3
    assert trials.length.tolist() == [40] * 3
    assert trials.pupil[:, 0, 0].tolist() == [1000, 2000, 3000]
    assert found(trials, "names that come again").endswith(
        "2 of them in another recording, or block of it, than the first of the name"
    )
    named = read(
        file, ReadSettings(trials_from="start_{stimulus}", names_from=("recording: {block}",)), labels="optional"
    )
    assert named.trial == ("block 1 trial", "block 2 trial", "block 3 trial")


def test_six_blocks_of_a_real_recording_are_six_trials() -> None:
    file = DATA / "trackers" / "eyelink" / "cilihist_data_2.asc"
    if not file.is_file():
        pytest.skip(f"the real recordings are not at {DATA}")
    with pytest.warns(DataWarning, match="names that come again: 5 trials"):
        trials = read(file, ReadSettings(trials_from="start_{stimulus}"), labels="optional")
    assert trials.trial == ("trial", *(f"trial ({n})" for n in range(2, 7)))
    assert trials.length.max() < 300


def test_an_event_of_a_table_ends_where_its_block_ends(tmp_path: Path, write: Callable[..., Path]) -> None:
    """A table of events names no block: rows of the next block, before the next event, are not of the trial."""
    file = write_asc(tmp_path / "a.asc", blocks(1000, 1045, messages=()))
    table = write("events.csv", "onset [ms],trial\n1010,A\n1060,B\n")
    trials = read(file, ReadSettings(events=str(table)), labels="optional")
    assert trials.trial == ("A", "B")
    assert trials.length.tolist() == [30, 25]


def test_an_event_in_two_recordings_at_once_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    """Clocks that begin anew in each block: rows of both lie in the time of the event."""
    file = write_asc(tmp_path / "a.asc", blocks(1000, 1010, messages=()))
    table = write("events.csv", "onset [ms],trial\n1005,A\n1030,B\n")
    with pytest.raises(ReadError, match="clocks of the recordings 'block 1', 'block 2' overlap, and the event at 1005"):
        read(file, ReadSettings(events=str(table)), labels="optional")


def test_a_trial_that_goes_on_in_another_block_is_said(tmp_path: Path) -> None:
    """Trials of the recording program's own messages may hold two blocks: after a short stop one trial, with a warning."""
    first, second = blocks(1000, 1045, messages=())
    first.messages = [(0, "TRIALID 1")]
    with pytest.warns(
        DataWarning, match="recording stopped within trials: 1 trial goes on in another recording.* '1', at .*line"
    ):
        trials = read(write_asc(tmp_path / "a.asc", [first, second]), labels="optional")
    assert (trials.trial, trials.length.tolist()) == (("1",), [85])
    second.start = 1100
    with pytest.raises(
        ReadError, match=r"trial '1' comes again: time pauses from 1039 .* to 1100 here\. It stands in the "
    ):
        read(write_asc(tmp_path / "b.asc", [first, second]), labels="optional")


def of_files(write: Callable[..., Path], second: int, head: str = "trial", cell: str = "t1") -> Path:
    """Two files of one participant and trial; the second begins at a time in ms, where the first ends at 90."""
    folder = None
    for number, start in enumerate((0, second)):
        rows = [
            f"P1,{start + 10 * i},{3 + i / 50 + number},{cell if i == 0 or head == 'trial' else ''},posed"
            for i in range(10)
        ]
        folder = write(
            f"in/{number}.csv", "\n".join([f"participant,time_ms,left_mm,{head},label", *rows]) + "\n"
        ).parent
    assert folder is not None
    return folder


def test_onsets_of_one_name_in_two_files_are_refused(write: Callable[..., Path]) -> None:
    """Two files of one participant whose clocks follow each other once were one trial."""
    cut = ReadSettings(trials_from="ONSET_{trial}", message="message")
    with pytest.raises(ReadError, match=r"trial 'a' of participant 'P1' comes again.*'file: \{block\}'"):
        read(of_files(write, 100, "message", "ONSET_a"), cut)


def test_a_trial_that_goes_on_in_another_file_is_said_or_refused(write: Callable[..., Path]) -> None:
    with pytest.warns(DataWarning, match="recording stopped within trials: 1 trial goes on"):
        trials = read(of_files(write, 100), labels="optional")
    assert trials.length.tolist() == [20]
    with pytest.raises(
        ReadError, match="trial 't1' of participant 'P1' comes again: time pauses from 90 in line 11 to 400 here"
    ):
        read(of_files(write, 400), labels="optional")


def test_blocks_without_names_of_trials_are_a_trial_each(tmp_path: Path) -> None:
    trials = read(write_asc(tmp_path / "a.asc", blocks(1000, 5000, samples=30, messages=())), labels="optional")
    assert (trials.trial, trials.length.tolist()) == (("all", "all (2)"), [30, 30])
    assert found(trials, "trial names") == "default: all rows of a recording are one"


def test_trials_of_people_whom_no_column_names_name_the_option(tmp_path: Path) -> None:
    table = [
        f"t{k},{time},{3 + 2 * p + k}.{time},{p}" for p in range(2) for k in range(2) for time in range(0, 100, 20)
    ]
    file = tmp_path / "a.csv"
    for head, lines, hint in (
        ("trial,time_ms,left,bin", table, r"name that column: participant NAME\..*Not used are 'bin'"),
        (
            "trial,time_ms,left",
            [line.rpartition(",")[0] for line in table],
            "give the file a column with the participant",
        ),
    ):
        file.write_text("\n".join((head, *lines)))
        with pytest.raises(ReadError, match="No column with the participant was recognised.*" + hint) as caught:
            read(file, labels="optional")
        assert "participant 'all'" not in str(caught.value)


def test_blocks_that_no_message_cuts_are_said_to_be_the_trials(tmp_path: Path) -> None:
    file = write_asc(tmp_path / "a.asc", blocks(1000, 5000, 9000, messages=((0, "ONSET a"),)))
    said = found(read(file, labels="optional"), "trials")
    assert said.startswith(
        "default: no message was used to cut any out: each of 3 recordings (or blocks of one) is a trial."
    )
    alone = write_asc(tmp_path / "b.asc", blocks(1000, messages=((0, "ONSET a"),)))
    assert "the whole recording is one trial" in found(read(alone, labels="optional"), "trials")


def test_a_message_that_is_always_the_same_names_no_stimulus(tmp_path: Path) -> None:
    file = write_asc(tmp_path / "a.asc", blocks(1000, 5000, 9000))
    said = found(read(file, labels="optional"), "trials")
    assert said.endswith("trials_from 'start_trial' would cut 3")
    assert len(read(file, ReadSettings(trials_from="start_trial"), labels="optional")) == 3


def test_counts_of_several_files_are_said_to_be_of_each(tmp_path: Path) -> None:
    for name in ("a", "b"):
        own = blocks(1000, 5000, 9000, messages=((0, f"ONSET {name}"),))
        write_asc(tmp_path / f"{name}.asc", [replace(one, pupil=one.pupil + ord(name)) for one in own])
    with pytest.warns(DataWarning, match="names that come again"):
        trials = read(tmp_path, ReadSettings(trials_from="ONSET {stimulus}"), labels="optional")
    assert found(trials, "blocks").endswith("3, with pauses of 3.961 s (in each)")
    assert found(trials, "found").startswith("recognised: 6 trials")
    assert not found(trials, "eyes" if any(f.what == "eyes" for f in trials.source.findings) else "found").endswith(
        "each)"
    )
