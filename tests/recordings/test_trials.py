"""`Trials`: every rule with its message, ownership of arrays, selection."""

import re
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from smilejax._util.errors import TrialsError, listed
from smilejax.recordings.recording import UNLABELLED, Recording, length_ms
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import Trials


def arguments(**changes: Any) -> dict[str, Any]:
    """Arguments of three good trials of two participants, unequal in length."""
    pupil = np.random.default_rng(0).normal(3.5, 0.1, (3, 8, 2)).astype(np.float32)
    pupil[0, 2] = np.nan, 0.0
    pupil[1, 3, 1] = -1.0
    return {
        "pupil": pupil,
        "length": np.array([8, 6, 8]),
        "rate_hz": 60,
        "unit": "mm",
        "label": np.array([0, 1, UNLABELLED]),
        "class_names": ("posed", "genuine"),
        "trial": ("t1", "t2", "t1"),
        "participant": ("p1", "p1", "p2"),
        "stimulus": ("s1", "s2", "s1"),
        "smiler": ("a", "b", "a"),
    } | changes


def with_value(name: str, at: tuple[int, ...], value: float) -> dict[str, Any]:
    changed = np.array(arguments()[name], dtype=np.float64 if name == "pupil" else None)
    changed[at] = value
    return arguments(**{name: changed})


def test_good_trials_are_held_as_given() -> None:
    given = arguments()
    trials = Trials(**given)
    assert len(trials) == 3
    np.testing.assert_array_equal(trials.pupil, given["pupil"])
    assert (trials.pupil.dtype, trials.length.dtype, trials.label.dtype) == (np.float32, np.int32, np.int32)
    assert isinstance(trials.rate_hz, float)
    assert trials.rate_hz == 60.0
    assert trials.source == Source("memory", "arrays")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"pupil": np.ones((3, 8))},
            "pupil must be shaped [N trials, T samples, 2 eyes]; it is [3, 8]. For one eye, fill the other with NaN.",
        ),
        (
            {"pupil": np.ones((3, 8, 1))},
            "pupil must be shaped [N trials, T samples, 2 eyes]; it is [3, 8, 1]. "
            "For one eye, fill the other with NaN.",
        ),
        ({"pupil": np.ones((0, 8, 2))}, "there must be at least one trial; pupil has none."),
        ({"length": np.array([8, 6])}, "length must be shaped [3], one for each trial of pupil; it is [2]."),
        ({"label": np.array([[0, 1, 1]])}, "label must be shaped [3], one for each trial of pupil; it is [1, 3]."),
        ({"trial": ("t1", "t2")}, "trial must have 3 names, one for each trial of pupil; it has 2."),
        ({"participant": ("p1",)}, "participant must have 3 names, one for each trial of pupil; it has 1."),
        ({"stimulus": ("s1",) * 4}, "stimulus must have 3 names, one for each trial of pupil; it has 4."),
        ({"smiler": ()}, "smiler must have 3 names, one for each trial of pupil; it has 0."),
        (
            {"length": np.array([8, 3, 8])},
            "a trial must have 4 to 8 samples (the width of pupil); trial 't2' of participant 'p1' (row 1) has 3. "
            "Remove it, or correct its length.",
        ),
        (
            {"length": np.array([8, 6, 9])},
            "a trial must have 4 to 8 samples (the width of pupil); trial 't1' of participant 'p2' (row 2) has 9. "
            "Remove it, or correct its length.",
        ),
        ({"rate_hz": 0}, "rate_hz must be a finite number above 0; it is 0.0."),
        ({"rate_hz": -60}, "rate_hz must be a finite number above 0; it is -60.0."),
        ({"rate_hz": float("inf")}, "rate_hz must be a finite number above 0; it is inf."),
        ({"rate_hz": float("nan")}, "rate_hz must be a finite number above 0; it is nan."),
        ({"unit": "cm"}, "unit must be one of mm, au, px; it is 'cm'."),
        (
            {"pupil": np.full((3, 8, 2), np.nan)},
            "no sample of any of the 3 trials was measured: all are NaN, zero or below. "
            "Check the pupil columns and the missing-value marker.",
        ),
        (
            {"pupil": np.full((3, 8, 2), 3500.0)},
            "these pupils cannot be in mm: their median is 3500, and a human pupil's lies between 1 and 10 mm. "
            "Give the unit of arbitrary units or pixels (unit au, unit px), or convert the values to mm.",
        ),
        (
            {"pupil": np.full((3, 8, 2), 0.0035)},
            "these pupils cannot be in mm: their median is 0.0035, and a human pupil's lies between 1 and 10 mm. "
            "Give the unit of arbitrary units or pixels (unit au, unit px), or convert the values to mm.",
        ),
        (
            {"class_names": ("posed", "Posed ")},
            "class_names must be two different words; they are ('posed', 'Posed ').",
        ),
        ({"class_names": ("posed", " ")}, "class_names must be two different words; they are ('posed', ' ')."),
        ({"class_names": ("a", "b", "c")}, "class_names must be two different words; they are ('a', 'b', 'c')."),
        (
            {"label": np.array([0, 2, 1])},
            "a label must be 0 (posed), 1 (genuine) or -1 (unknown); trial 't2' of participant 'p1' (row 1) has 2.",
        ),
        (
            {"label": np.array([0, 1, -2])},
            "a label must be 0 (posed), 1 (genuine) or -1 (unknown); trial 't1' of participant 'p2' (row 2) has -2.",
        ),
        (
            {"participant": ("p1", "p1", "p1")},
            "trial ids must be unique within a participant; trial 't1' of participant 'p1' (row 2) stands in row 0 "
            "already. Rename one of them.",
        ),
        (
            {"pupil": np.full((3, 8, 2), "3.5")},
            "pupil must be numbers; it arrived as <U3. Convert it before making Trials.",
        ),
        (
            {"label": np.array([0, 1, None])},
            "label must be numbers; it arrived as object. Convert it before making Trials.",
        ),
        ({"label": np.array([0.0, 0.5, 1.0])}, "label must be whole numbers that fit 32 bits; it holds 0.5."),
        ({"length": np.array([8, np.nan, 8])}, "length must be whole numbers that fit 32 bits; it holds nan."),
        ({"length": np.array([8, 2**40, 8])}, f"length must be whole numbers that fit 32 bits; it holds {2**40}."),
    ],
)
def test_broken_trials_are_refused_with_the_rule_and_what_arrived(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TrialsError) as caught:
        Trials(**arguments(**changes))
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
@pytest.mark.parametrize(("eye", "side"), [(0, "left"), (1, "right")])
def test_infinite_sample_is_named(value: float, eye: int, side: str) -> None:
    message = rf"trial 't2' of participant 'p1' \(row 1\) has -?inf at sample 5 of the {side} eye\."
    with pytest.raises(TrialsError, match=message):
        Trials(**with_value("pupil", (1, 5, eye), value))


def test_padding_is_not_judged() -> None:
    trials = Trials(**with_value("pupil", (1, 6, 0), np.inf))  # trial 1 ends after 6 samples
    assert not trials.measured()[1, 6:].any()


def test_only_mm_has_a_plausible_range() -> None:
    for unit in ("au", "px"):
        assert Trials(**arguments(pupil=np.full((3, 8, 2), 3500.0), unit=unit)).unit == unit


@pytest.mark.parametrize("median", [1.0, 10.0])
def test_ends_of_the_plausible_range_are_inside(median: float) -> None:
    assert len(Trials(**arguments(pupil=np.full((3, 8, 2), median)))) == 3


def test_same_trial_name_in_two_participants_is_fine() -> None:
    assert Trials(**arguments()).trial.count("t1") == 2


def test_whole_floats_and_booleans_are_labels() -> None:
    assert Trials(**arguments(label=np.array([0.0, 1.0, -1.0]))).label.tolist() == [0, 1, -1]
    assert Trials(**arguments(label=np.array([True, False, True]))).label.tolist() == [1, 0, 1]


def test_names_become_words() -> None:
    trials = Trials(**arguments(participant=np.array([1, 1, 2]), trial=[1, 2, 1], stimulus=None, smiler=None))
    assert (trials.participant, trials.trial, trials.stimulus) == (("1", "1", "2"), ("1", "2", "1"), None)


def test_trials_own_their_arrays() -> None:
    given = arguments()
    trials = Trials(**given)
    kept = trials.pupil.copy(), trials.length.copy(), trials.label.copy()
    given["pupil"][:], given["length"][:], given["label"][:] = 9.0, 5, 1
    for held, before in zip((trials.pupil, trials.length, trials.label), kept, strict=True):
        np.testing.assert_array_equal(held, before)


@pytest.mark.parametrize("name", ["pupil", "length", "label"])
def test_arrays_are_read_only(name: str) -> None:
    trials = Trials(**arguments())
    with pytest.raises(ValueError, match="read-only"):
        getattr(trials, name)[0] = 1
    with pytest.raises(FrozenInstanceError):
        setattr(trials, name, None)


def test_measured_is_finite_above_zero_and_inside_the_trial() -> None:
    trials = Trials(**arguments())
    expected = np.ones((3, 8, 2), bool)
    expected[0, 2] = False  # NaN and zero
    expected[1, 3, 1] = False  # -1
    expected[1, 6:] = False  # padding
    np.testing.assert_array_equal(trials.measured(), expected)
    np.testing.assert_array_equal(trials.inside().sum(1), [8, 6, 8])


@pytest.mark.parametrize(("rate_hz", "duration_ms"), [(60, 8000 / 60), (1000, 8.0)])
def test_duration_is_that_of_the_longest_trial(rate_hz: float, duration_ms: float) -> None:
    assert Trials(**arguments(rate_hz=rate_hz)).duration_ms == pytest.approx(duration_ms)
    assert Trials(**arguments(rate_hz=rate_hz, length=[4, 4, 5])).duration_ms == pytest.approx(duration_ms * 5 / 8)


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), np.array([2, 0], np.int64)])
def test_take_keeps_the_order_asked_for(rows: Any) -> None:
    source = Source("file.csv", "tidy", (Finding("unit", "mm", "given"),))
    trials = Trials(**arguments(source=source))
    taken = trials.take(rows)
    np.testing.assert_array_equal(taken.pupil, trials.pupil[[2, 0]])
    assert (taken.label.tolist(), taken.length.tolist()) == ([-1, 0], [8, 8])
    assert (taken.participant, taken.trial) == (("p2", "p1"), ("t1", "t1"))
    assert (taken.stimulus, taken.smiler) == (("s1", "s1"), ("a", "a"))
    assert taken.source is source
    assert taken.rate_hz == trials.rate_hz
    assert taken.unit == trials.unit


def test_take_with_a_mask_and_without_stimuli() -> None:
    taken = Trials(**arguments(stimulus=None, smiler=None)).take(np.array([False, True, True]))
    assert (taken.trial, taken.stimulus, taken.smiler) == (("t2", "t1"), None, None)


def test_take_of_nothing_or_of_one_twice_is_refused() -> None:
    trials = Trials(**arguments())
    with pytest.raises(TrialsError, match="there must be at least one trial"):
        trials.take(np.zeros(3, bool))
    with pytest.raises(TrialsError, match=re.escape("trial 't2' of participant 'p1' (row 1) stands in row 0 already")):
        trials.take([1, 1])


def blinks() -> np.ndarray:
    """Blinks of the good trials, the left eye's other than the right one's, also in the padding of trial 1."""
    blink = np.zeros((3, 8, 2), bool)
    blink[0, 2:4] = True
    blink[1, 5:, 1] = True
    blink[2, 7, 0] = True
    return blink


def test_blinks_are_none_unless_given() -> None:
    trials = Trials(**arguments())
    assert trials.blink is None
    assert trials.take([1]).blink is None


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float32, list])
def test_blinks_are_held_as_given_and_false_in_the_padding(dtype: Any) -> None:
    given = blinks().astype(int).tolist() if dtype is list else blinks().astype(dtype)
    trials = Trials(**arguments(blink=given))
    expected = blinks()
    expected[1, 6:] = False
    assert trials.blink is not None
    assert trials.blink.dtype == np.bool_
    np.testing.assert_array_equal(trials.blink, expected)


def test_blinks_are_an_own_read_only_copy() -> None:
    given = blinks()
    trials = Trials(**arguments(blink=given))
    given[:] = True
    assert trials.blink is not None
    assert trials.blink.sum() == 6
    with pytest.raises(ValueError, match="read-only"):
        trials.blink[0] = True


def test_blinks_leave_the_rest_alone() -> None:
    with_blinks, without = Trials(**arguments(blink=blinks())), Trials(**arguments())
    np.testing.assert_array_equal(with_blinks.pupil, without.pupil)
    np.testing.assert_array_equal(with_blinks.measured(), without.measured())


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True])])
def test_take_takes_blinks_along(rows: Any) -> None:
    taken = Trials(**arguments(blink=blinks())).take(rows)
    assert taken.blink is not None
    np.testing.assert_array_equal(taken.blink, blinks()[rows])
    assert not taken.blink.flags.writeable


@pytest.mark.parametrize(
    ("blink", "message"),
    [
        (np.zeros((3, 8), bool), "blink must be shaped as pupil, [3, 8, 2]; it is [3, 8]."),
        (np.zeros((3, 7, 2), bool), "blink must be shaped as pupil, [3, 8, 2]; it is [3, 7, 2]."),
        (np.zeros((3, 8, 1), bool), "blink must be shaped as pupil, [3, 8, 2]; it is [3, 8, 1]."),
        (True, "blink must be shaped as pupil, [3, 8, 2]; it is []."),
        (np.full((3, 8, 2), "0"), "blink must be numbers; it arrived as <U1. Convert it before making Trials."),
        (np.full((3, 8, 2), None), "blink must be numbers; it arrived as object. Convert it before making Trials."),
        (
            np.zeros((3, 8, 2), complex),
            "blink must be numbers; it arrived as complex128. Convert it before making Trials.",
        ),
    ],
)
def test_blinks_of_another_shape_or_kind_are_refused(blink: Any, message: str) -> None:
    with pytest.raises(TrialsError) as caught:
        Trials(**arguments(blink=blink))
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [2, -1, 0.5, np.nan, np.inf])
@pytest.mark.parametrize(("eye", "side"), [(0, "left"), (1, "right")])
def test_a_blink_that_is_neither_0_nor_1_is_named(value: float, eye: int, side: str) -> None:
    blink = blinks().astype(type(value))
    blink[1, 6] = value  # the padding is not judged
    assert Trials(**arguments(blink=blink)).blink is not None
    blink[1, 4, eye] = value
    with pytest.raises(TrialsError) as caught:
        Trials(**arguments(blink=blink))
    assert str(caught.value) == (
        "blink must be 1 (True) where the tracker reports a blink and 0 (False) elsewhere; "
        f"trial 't2' of participant 'p1' (row 1) has {value} at sample 4 of the {side} eye."
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (slice(1, None), [1, 2]),
        (slice(None, None, -1), [2, 1, 0]),
        ([2, 0], [2, 0]),
        ([-1], [2]),
        (np.array([2, 1]), [2, 1]),
        (np.array([True, False, True]), [0, 2]),
        (1, [1]),
        (np.int64(-1), [2]),
        ((np.array([2, 1]), ...), [2, 1]),  # as scikit-learn selects
    ],
)
def test_rows_are_selected_by_slice_numbers_or_mask(rows: Any, expected: list[int]) -> None:
    trials = Trials(**arguments(blink=blinks()))
    taken = trials[rows]
    names = list(zip(trials.participant, trials.trial, strict=True))
    assert list(zip(taken.participant, taken.trial, strict=True)) == [names[i] for i in expected]
    np.testing.assert_array_equal(taken.pupil, trials.pupil[expected])
    assert taken.shape == (len(expected), 8, 2)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([3], "rows must be below the number of trials, 3; one is 3."),
        ([0, -4], "rows must be below the number of trials, 3; one is -4."),
        ([0.5], "rows must be whole numbers, or a mask of 3 (one for each trial); they are float64[1]."),
        ("t1", "rows must be whole numbers, or a mask of 3 (one for each trial); they are <U2[1]."),
        (np.array([True, False]), "rows must be whole numbers, or a mask of 3 (one for each trial); they are bool[2]."),
        ([[0, 1]], "rows must be whole numbers, or a mask of 3 (one for each trial); they are int64[1, 2]."),
        ((0, 1), "trials are selected by one index, along N; there are 2. Select samples of `pupil`."),
    ],
)
def test_rows_that_select_no_trials_are_refused(rows: Any, message: str) -> None:
    with pytest.raises(TrialsError) as caught:
        Trials(**arguments())[rows]
    assert str(caught.value) == message


def test_a_loop_over_trials_gives_each_and_ends() -> None:
    assert [one.trial for one in Trials(**arguments())] == [("t1",), ("t2",), ("t1",)]


def test_repr_is_one_line_and_html_is_escaped() -> None:
    trials = Trials(**arguments(source=Source("<b>.csv", "tidy"), class_names=("Easy", "Hard & <loud>")))
    assert repr(trials) == (
        "Trials(3 trials; 2 participants, 2 stimuli, 2 smilers; 1 Easy, 1 Hard & <loud>, 1 without label; "
        "8 samples at 60 Hz (0.1333 s), mm; <b>.csv (tidy))"
    )
    assert "without" not in repr(Trials(**arguments(label=[0, 1, 1], stimulus=None, smiler=None)))
    html = trials._repr_html_()
    assert "Hard &amp; &lt;loud&gt;" in html
    assert "<b>.csv" not in html
    assert html.count("<tr>") == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pupil": "x"}, "pupil must be numbers; it arrived as <U1. Convert it before making Trials."),
        ({"pupil": None}, "pupil must be numbers; it arrived as object. Convert it before making Trials."),
        ({"pupil": [[1.0], [1.0, 2.0]]}, "pupil must be one array of numbers: "),
        ({"rate_hz": "fast"}, "rate_hz must be a finite number above 0; it is 'fast'."),
        ({"rate_hz": None}, "rate_hz must be a finite number above 0; it is None."),
        ({"trial": "abc"}, "trial must be a sequence of names; it is 'abc'."),
        ({"participant": None}, "participant must be a sequence of names; it is None."),
        ({"participant": 7}, "participant must be a sequence of names; it is 7."),
        ({"class_names": None}, "class_names must be a sequence of names; it is None."),
        ({"source": "file.csv"}, "source must be a Source; it is 'file.csv'."),
        ({"unit": ["mm"]}, "unit must be one of mm, au, px; it is ['mm']."),
        ({"length": "8"}, "length must be numbers; it arrived as <U1. Convert it before making Trials."),
    ],
)
def test_arguments_of_another_type_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TrialsError) as caught:
        Trials(**arguments(**changes))
    assert str(caught.value).startswith(message)


def test_trials_are_a_recording() -> None:
    trials = Trials(**arguments())
    assert isinstance(trials, Recording)
    np.testing.assert_allclose(length_ms(trials), [8000 / 60, 100, 8000 / 60], rtol=1e-6)


def test_row_name() -> None:
    assert Trials(**arguments()).row_name(2) == "trial 't1' of participant 'p2' (row 2)"


def test_long_lists_are_cut_in_messages() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(range(8)) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert listed(range(20), most=3) == "0, 1, 2 and 17 more"
