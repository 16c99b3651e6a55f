"""Roles of columns by their headings."""

import itertools

import pytest

from smilejax._util.errors import ReadError
from smilejax.readers.columns.column_roles import ALIASES, recognise
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
        *[("blink", h) for h in ("blink", "Blink", "is_blink", "IN_BLINK", "BKID", "blink id", "Blink ID", "isBlink")],
        *[("blink", h) for h in ("blinking", "Blink flag", "AVERAGE_IN_BLINK", "blink (1 = yes)")],
        *[("blink_left", h) for h in ("blink_left", "BlinkLeft", "L_Blink", "left_blink", "LEFT_IN_BLINK", "blink_l")],
        *[("blink_left", h) for h in ("Blink (left eye)", "left eye blink", "is_blink_left", "blink id left")],
        *[("blink_right", h) for h in ("blink_right", "BlinkRight", "R_Blink", "right_blink", "RIGHT_IN_BLINK")],
        *[("blink_right", h) for h in ("Blink [right]", "RBlink", "blinkR", "in_blink_right", "right_blink_id")],
    ],
)
def test_heading_is_recognised(role, head):
    assert at(["noise", head, "more"]) == {role: head}


@pytest.mark.parametrize(
    "head",
    [
        *("GazeX", "brightness", "Times", "left_x", "validity left", "timebin", "Timestamps left"),
        *("blink_condition", "condition_blink", "blinks", "blink_rate", "blink duration [ms]", "BKDUR", "BKPMIN"),
        *("n_blinks", "blink_count", "blink_onset", "left_blink_start", "preblink", "unblinking"),
    ],
)
def test_other_headings_are_not(head):
    assert at([head]) == {}


def test_no_alias_serves_two_roles():
    lists = [*ALIASES.values()]
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
    with pytest.raises(ReadError, match=r"f.csv: 2 columns are called 'Time' \(time\)"):
        at(heads, time="Time")
    with pytest.raises(
        ReadError, match=r"f.csv: there is no column 'when' \(time\). The columns are: 'TIME', 'time', 'Clock'"
    ):
        at(heads, time="when")


def test_one_column_cannot_serve_two_roles():
    with pytest.raises(ReadError, match="one role only; 'x' was given for left and right"):
        at(["x"], left="x", right="x")
    assert at(["trial", "time"], stimulus="trial") == {"stimulus": "trial", "time": "time"}


def test_blinks_of_both_eyes_only_where_an_eye_has_no_column_of_its_own():
    heads = ["BKID", "blink_left", "blink_right"]
    assert at(heads) == {"blink_left": "blink_left", "blink_right": "blink_right"}
    assert at(heads[:2]) == {"blink": "BKID", "blink_left": "blink_left"}
    assert at(heads[1:]) == {"blink_left": "blink_left", "blink_right": "blink_right"}


def test_a_column_of_blinks_that_was_named_goes_before_others():
    heads = ["shut", "BKID", "blink_left", "blink_right"]
    assert at(heads, blink="SHUT") == {"blink": "shut"}
    assert at(heads, blink_left="shut") == {"blink_left": "shut", "blink_right": "blink_right"}
    assert at(heads[:2], blink_right="shut") == {"blink": "BKID", "blink_right": "shut"}
    assert at(heads, blink="BKID", blink_left="shut") == {"blink": "BKID", "blink_left": "shut"}
    with pytest.raises(ReadError, match=r"no column 'x' \(blink_left\). The columns are: 'shut', 'BKID'"):
        at(heads, blink_left="x")
    with pytest.raises(ReadError, match="'shut' was given for blink_left and blink_right"):
        at(heads, blink_left="shut", blink_right="shut")


def test_a_column_of_blinks_takes_none_from_another_role():
    heads = ["subject", "trial", "time", "left", "right", "label", "stim", "actor"]
    alone = at(heads)
    found = at(["blink", *heads, "BlinkLeft", "R_Blink", "blink_condition"])
    assert {r: h for r, h in found.items() if not r.startswith("blink")} == alone
    assert at(["blink", "left"], label="blink") == {"label": "blink", "left": "left"}


def test_sideless_pupil_only_without_sides():
    assert at(["pupil", "left_mm"]) == {"left": "left_mm"}
    assert at(["pupil", "left"]) == {"pupil": "pupil"}
    assert at(["pupil", "x"]) == {"pupil": "pupil"}
    assert at(["pupil", "R"]) == {"pupil": "pupil"}
    assert at(["R"]) == {}
    assert at(["L", "R"]) == {"left": "L", "right": "R"}
    assert at(["R [mm]"]) == {"right": "R [mm]"}
