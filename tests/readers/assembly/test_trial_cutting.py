"""Trials out of a continuous recording by a table of events."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.settings import ReadSettings

FIRST = 1_564_666_170_330_000
"""A clock of a machine, in microseconds."""


@pytest.fixture
def gaze(write: Callable[..., Path]) -> Path:
    """Two seconds at 100 Hz on two clocks, as Tobii's SDK gives them."""
    heads = "device_time_stamp,system_time_stamp,left_pupil_diameter,left_pupil_validity"
    rows = [f"{500 + 10_000 * i},{FIRST + 10_000 * i},{3 + i / 1000:.3f},1" for i in range(200)]
    return write("gaze.csv", "\n".join([heads, *rows]) + "\n")


def events(write: Callable[..., Path], head: str = "system_time_stamp,msg") -> str:
    rows = [f"{FIRST + 500_000},onset_A1", f"{FIRST + 1_000_000},offset_A1", f"{FIRST + 1_200_000},onset_H1"]
    return str(write("msg.csv", "\n".join([head, *rows]) + "\n"))


def test_messages_of_a_table_of_events_are_read_by_the_pattern(gaze: Path, write: Callable[..., Path]) -> None:
    """Titta keeps its messages in a table of their own, on the clock of the system and without a unit."""
    rule = "trial: A* = posed, * = genuine"
    settings = ReadSettings(
        events=events(write), time="system_time_stamp", trials_from="onset_{trial}", label_from=rule, window_ms=(0, 300)
    )
    trials = read(gaze, settings, labels="optional")
    assert trials.trial == ("A1", "H1")
    assert trials.label.tolist() == [0, 1]
    assert trials.pupil[:, 0, 0].tolist() == pytest.approx([3.05, 3.12])
    said = next(f.value for f in trials.source.findings if f.what == "trials")
    assert said == "2 events of msg.csv, in us, as the samples, among which they stand"


def test_events_on_another_clock_name_the_remedy(gaze: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(ReadError, match=r"on one clock, in one unit\? time NAME takes another clock of the recording"):
        read(gaze, ReadSettings(events=events(write)), labels="optional")


def test_a_pattern_that_no_message_of_the_table_fits(gaze: Path, write: Callable[..., Path]) -> None:
    where = ReadSettings(events=events(write), time="system_time_stamp", trials_from="begin {trial}")
    with pytest.raises(ReadError, match=r"msg.csv: no message fits 'begin \{trial\}' .*'onset_A1', 'offset_A1'"):
        read(gaze, where, labels="optional")
    without = ReadSettings(events=events(write, "onset,stimulus"), trials_from="onset_{trial}")
    with pytest.raises(ReadError, match="this table of events has no column of them"):
        read(gaze, without, labels="optional")


@pytest.mark.parametrize("after_us", [-4900, -10, 0, 10, 4900])
def test_an_event_between_two_samples_counts_as_at_the_nearer_one(
    gaze: Path, write: Callable[..., Path], after_us: int
) -> None:
    """A sample ten microseconds before the event once was left out, and the trial began 10 ms late or was refused."""
    rows = [f"{FIRST + 500_000 + after_us},A1", f"{FIRST + 1_200_000 + after_us},H1"]
    where = str(write("msg.csv", "\n".join(["onset,trial", *rows]) + "\n"))
    settings = ReadSettings(events=where, time="system_time_stamp")
    trials = read(gaze, settings, labels="optional")
    assert trials.start_ms == pytest.approx(0, abs=5)
    assert trials.length.tolist() == [70, 80]
    assert trials.pupil[:, 0, 0].tolist() == pytest.approx([3.05, 3.12])
    window = read(gaze, replace(settings, window_ms=(-200, 300)), labels="optional")
    assert window.start_ms == pytest.approx(-200, abs=5.2)  # its first sample in the window, or as near as rounding
    assert 49 <= window.length[0] == window.length[1] <= 50
