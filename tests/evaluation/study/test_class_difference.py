"""The class difference of a study: window, channel, words, tables; and that it is the difference of its trials."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.made_study import SETTINGS, make_about, make_raw_results
from helpers.small_study import make_dataset

from smilejax.evaluation.class_difference import contrast
from smilejax.evaluation.study.derive_difference import class_difference, difference_window, shown_channel
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.difference_in_words import course_sentence, difference_in_words, difference_sentence
from smilejax.evaluation.study.difference_results import (
    ClassDifferenceResult,
    CourseCluster,
    CourseTestResult,
    CourseTestScores,
)
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.score_results import IntervalUnits, ScoreInterval
from smilejax.evaluation.study.study_tables import tables_of

CLASSES = ("fake", "real")


@pytest.fixture(scope="module")
def raw() -> RawResults:
    """8 participants, 6 smilers, 9 steps of 50 ms, the class in the order of the steps."""
    return make_raw_results(permutations=0, dataset=make_dataset(participants=8, smilers=6))


@pytest.fixture(scope="module")
def found(raw: RawResults) -> ClassDifferenceResult:
    return class_difference(raw, SETTINGS)


def test_it_is_the_difference_of_the_kept_trials_after_the_baseline(raw, found) -> None:
    kept = raw.trials["kept"].to_numpy(bool)
    time_ms = raw.time_ms
    window = contrast(
        raw.x[kept, :, 0].astype(float),
        raw.valid[kept],
        raw.y[kept],
        raw.codes("participant")[kept],
        time_ms,
        (200.0, 450.0),
        "participants",
    ).window
    assert (found.from_ms, found.to_ms) == (200.0, 450.0)
    assert found.interval.estimate == pytest.approx(float(window.difference))
    assert found.interval.units == IntervalUnits(8, 12, int(kept.sum()))
    assert found.interval.low < found.interval.estimate < found.interval.high


def test_a_rejected_trial_changes_nothing(raw, found) -> None:
    rejected = raw.trials.assign(kept=np.arange(len(raw.trials)) > 0)
    x = raw.x.copy()
    x[0] = 1e6
    without = class_difference(replace(raw, trials=rejected), SETTINGS)
    assert class_difference(replace(raw, trials=rejected, x=x), SETTINGS) == without
    assert without != found


def test_the_time_course_is_tested_by_the_scheme_of_the_study(raw, found) -> None:
    scores = found.course_test.scores
    assert scores is not None
    assert (scores.scheme, scores.permutations, scores.all_permutations) == ("within smiler pairs", 31, True)
    assert (scores.p, scores.smallest_p) == (2 / 32, 1 / 32)
    assert scores.p_participants is not None
    assert (scores.p_participants >= scores.smallest_p_participants, scores.smallest_p_participants) == (True, 1 / 128)
    last = scores.clusters[-1]
    assert (last.to_ms, last.mass > 0) == (450.0, True)
    of_stimuli = class_difference(raw, replace(SETTINGS, scheme="stimulus")).course_test.scores
    assert of_stimuli is not None
    assert (of_stimuli.scheme, of_stimuli.permutations) == ("stimulus", 461), (
        "924 labellings of 12 stimuli, and mirrors"
    )
    refused = class_difference(raw, replace(SETTINGS, scheme="trial")).course_test
    assert refused.scores is None
    assert "must be permuted among the units that carry them" in refused.why_not


@pytest.mark.parametrize(
    ("baseline", "start_ms", "first", "expected"),
    [
        (200.0, 0.0, 0.0, (200.0, 1000.0)),
        ((-200.0, 0.0), -500.0, -500.0, (0.0, 500.0)),
        ([100.0, 300.0], 0.0, 0.0, (300.0, 1000.0)),
        (None, 0.0, 0.0, (0.0, 1000.0)),
        (None, -500.0, -500.0, (0.0, 500.0)),
        (200.0, -500.0, -500.0, (0.0, 500.0)),
        (1000.0, 0.0, 0.0, (0.0, 1000.0)),
        (None, -2000.0, -2000.0, (-2000.0, -1000.0)),
    ],
)
def test_the_window_is_the_trial_after_onset_and_baseline(baseline, start_ms, first, expected) -> None:
    about = replace(make_about(make_dataset(), SETTINGS), recipe={"baseline_ms": baseline}, start_ms=start_ms)
    assert difference_window(about, first + np.arange(20) * 50.0) == expected


def test_the_channel_is_the_level_of_a_pupil_where_there_is_one() -> None:
    assert shown_channel(("drive", "mask", "left")) == 2
    assert shown_channel(("mask", "drive")) == 1
    assert shown_channel(("mask",)) == 0
    assert shown_channel(("fused", "mask")) == 0


def made(
    low: float | None = -0.0512,
    stimuli: int = 19,
    p: float = 0.31,
    smallest_p: float = 0.0005,
    p_participants: float | None = None,
) -> ClassDifferenceResult:
    """A difference of -.0123 mm."""
    high = None if low is None else 0.0266
    scores = CourseTestScores(
        scheme="stimulus",
        where="among stimuli",
        why="each of 19 stimuli has one label for all participants",
        null="the pupil of these participants does not depend on which stimuli are of which class",
        units="19 stimuli",
        threshold_p=0.05,
        p=p,
        smallest_p=smallest_p,
        p_participants=p_participants,
        smallest_p_participants=None if p_participants is None else 0.001,
        permutations=1999,
        all_permutations=False,
        clusters=(CourseCluster(1250.0, 1500.0, -12.5, p),),
    )
    return ClassDifferenceResult(
        channel="fused",
        unit="mm",
        from_ms=200.0,
        to_ms=10000.0,
        over="within participants",
        interval=ScoreInterval(-0.0123, low, high, 0.95, 2000, IntervalUnits(11, stimuli, 208)),
        why_no_interval="" if low is not None else "there are fewer than 3 stimuli.",
        course_test=CourseTestResult("", scores),
    )


def test_the_difference_in_words() -> None:
    assert difference_sentence(made(), CLASSES) == (
        "Class difference: real minus fake -0.012 mm (95% interval -0.051 to 0.027, over 11 participants and 19 stimuli), "
        "200 to 10000 ms."
    )
    assert difference_sentence(made(stimuli=0), CLASSES).endswith(
        "over 11 participants), 200 to 10000 ms. Stimuli are not known, so that the interval does not hold for other stimuli."
    )
    assert difference_sentence(made(low=None), CLASSES) == (
        "Class difference: real minus fake -0.012 mm, 200 to 10000 ms. It has no interval: there are fewer than 3 stimuli."
    )


def test_the_time_course_in_words_never_says_when() -> None:
    assert course_sentence(made(), 0.05) == (
        "Time course: no evidence that the classes differ anywhere between 200 and 10000 ms (cluster-based permutation test, "
        "p = .310; labels exchanged among stimuli)."
    )
    assert course_sentence(made(p=0.012), 0.05) == (
        "Time course: the classes differ somewhere between 200 and 10000 ms (cluster-based permutation test, p = .012; labels "
        "exchanged among stimuli). The test does not show at which times."
    )
    assert course_sentence(made(p=0.012, p_participants=0.02), 0.05) == (
        "Time course: the classes differ somewhere between 200 and 10000 ms (cluster-based permutation test, p = .012; labels "
        "exchanged among stimuli; p = .020 by the signs of participants' differences). The test does not show at which times."
    )
    assert course_sentence(made(p=0.012, p_participants=0.2), 0.05).startswith(
        "Time course: the classes differ somewhere between 200 and 10000 ms in these participants, which is not shown for "
        "others (cluster-based"
    )
    assert "no evidence" in course_sentence(made(p=0.2, p_participants=0.01), 0.05)
    assert "smallest attainable p is .001" in course_sentence(made(p=0.012, p_participants=0.02), 0.0009)
    assert "cannot be judged" in course_sentence(made(p=0.12, smallest_p=0.12), 0.05)
    untested = replace(made(), course_test=CourseTestResult("there are too few. Record more.", None))
    assert course_sentence(untested, 0.05) == "Time course: not tested, since there are too few. Record more."
    for p in (0.31, 0.012):
        assert not {"1250", "1500"} & set(course_sentence(made(p=p), 0.05).split())


def test_single_frames_of_faces_have_no_course(raw) -> None:
    about = replace(raw.about, recording="face", channels=("mouth_width",), model_hz=1.0)
    first = replace(raw, about=about, x=raw.x[:, 4:5, :1], valid=raw.valid[:, 4:5], time_ms=np.zeros(1))
    found = class_difference(first, SETTINGS)
    assert course_sentence(found, 0.05) == (
        "Time course: not tested, since there is a single frame of each video, and no course."
    )
    assert difference_sentence(found, CLASSES, stimuli=False).endswith(", in single frames.")
    assert "1000 ms" not in difference_sentence(found, CLASSES)


def test_tables_hold_the_difference_and_the_clusters(raw) -> None:
    results = replace(compute_results(raw, SETTINGS), class_difference=made())
    tables = tables_of(raw, results)
    (row,) = tables["class_difference"].to_dict("records")
    assert (row["difference"], row["interval_low"], row["interval_high"]) == (-0.0123, -0.0512, 0.0266)
    assert (row["participants"], row["stimuli"], row["course_p"], row["course_scheme"]) == (11, 19, 0.31, "stimulus")
    assert tables["clusters"].to_dict("records") == [{"from_ms": 1250.0, "to_ms": 1500.0, "mass": -12.5, "p": 0.31}]


def test_a_study_that_is_older_has_neither(raw) -> None:
    older = replace(compute_results(raw, SETTINGS), class_difference=None)
    tables = tables_of(raw, older)
    assert "class_difference" not in tables
    assert len(tables["clusters"]) == 0
    assert difference_in_words(older) == ()
