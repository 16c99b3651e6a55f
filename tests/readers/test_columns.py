"""Roles of columns by their headings."""

import itertools

import pytest

from smilejax.errors import ReadError
from smilejax.readers.columns import ALIASES, SIDELESS, recognise
from smilejax.settings import ReadSettings


def at(heads, **settings):
    found = recognise("f.csv", heads, ReadSettings(**settings))
    return {role: heads[column] for role, column in found.at.items()}


@pytest.mark.parametrize(
    ("role", "head"),
    [
        *[
            ("participant", h)
            for h in ("ID", "Subject", "subj_id", "Participant name", "Observer", "ppt", "Participant no.")
        ],
        *[("trial", h) for h in ("Trial", "trial_id", "TrialNumber", "item", "Trial name")],
        *[("time", h) for h in ("Time", "time_ms", "TimeMs", "t", "Timestamp [ns]", "Recording timestamp [\u00b5s]")],
        *[("time", h) for h in ("RecordingTimestamp", "time (s)", "TIME(2020/01/31 10:00)", "timestamp_us")],
        *[
            ("left", h)
            for h in ("LPupil", "pupil_left", "Left", "Left pupil diameter", "pupil_l", "diam_l", "PupilLeft")
        ],
        *[
            ("left", h)
            for h in ("Pupil diameter left [mm]", "left_pupil_diameter", "L Pupil Diameter [mm]", "LPMM", "left_au")
        ],
        *[
            ("right", h)
            for h in ("RPupil", "Pupil diameter (right) [mm]", "Rpsize", "diam_r", "pupil right (px)", "PupilRight")
        ],
        *[("label", h) for h in ("Condition", "label", "Type", "class", "category", "Smile")],
        *[
            ("stimulus", h)
            for h in ("stim", "Stimulus", "video", "Media name", "clip", "Presented Media name", "stimulus_id")
        ],
        *[("smiler", h) for h in ("smiler", "Actor", "face", "actor_id")],
    ],
)
def test_heading_is_recognised(role, head):
    assert at(["noise", head, "more"]) == {role: head}


@pytest.mark.parametrize(
    "head", ["GazeX", "brightness", "Times", "left_x", "validity left", "timebin", "Timestamps left"]
)
def test_other_headings_are_not(head):
    assert at([head]) == {}


def test_no_alias_serves_two_roles():
    lists = [*ALIASES.values(), SIDELESS]
    for first, second in itertools.combinations(lists, 2):
        assert not set(first) & set(second)
    assert all(len(set(aliases)) == len(aliases) for aliases in lists)


def test_better_alias_wins_and_the_other_is_said():
    found = recognise("f.csv", ["t", "Time [us]", "timestamp"], ReadSettings())
    assert found.at == {"time": 1}
    assert found.time_unit == "us"
    assert found.findings[0].value == "'Time [us]' (passed over: 'timestamp', 't')"


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("time [ms]", "ms"),
        ("Time_s", "s"),
        ("t (\u00b5s)", "us"),
        ("t [\u03bcs]", "us"),
        ("timestamp [ns]", "ns"),
        ("time", None),
    ],
)
def test_unit_of_time(head, unit):
    assert recognise("f.csv", [head], ReadSettings()).time_unit == unit


def test_named_column_is_taken_exactly_then_in_any_case():
    heads = ["TIME", "time", "Clock"]
    assert at(heads, time="time") == {"time": "time"}
    assert at(heads, time="TIME") == {"time": "TIME"}
    assert at(heads, time="clock") == {"time": "Clock"}
    with pytest.raises(ReadError, match=r"f.csv: 2 columns are called 'Time' \(--time\)"):
        at(heads, time="Time")
    with pytest.raises(
        ReadError, match=r"f.csv: there is no column 'when' \(--time\). The columns are: 'TIME', 'time', 'Clock'"
    ):
        at(heads, time="when")


def test_one_column_cannot_serve_two_roles():
    with pytest.raises(ReadError, match="one role only; 'x' was given for --left and --right"):
        at(["x"], left="x", right="x")
    assert at(["trial", "time"], stimulus="trial") == {"stimulus": "trial", "time": "time"}


def test_sideless_pupil_only_without_sides():
    assert at(["pupil", "left"]) == {"left": "left"}
    assert at(["pupil", "x"]) == {"left": "pupil"}
