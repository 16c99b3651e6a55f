"""The difference between the classes in a study's trials, and the test of their time courses."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from smilejax._util.errors import DataError
from smilejax.evaluation.class_difference import CourseTest, course_test, crossed_difference
from smilejax.evaluation.class_difference.crossed_difference import averaged_over
from smilejax.evaluation.statistics import Interval, SampleSizes
from smilejax.evaluation.study.compute_scores import interval_result
from smilejax.evaluation.study.difference_results import (
    SINGLE_FRAMES,
    ClassDifferenceResult,
    CourseCluster,
    CourseTestResult,
    CourseTestScores,
)
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_results import About
from smilejax.preprocess.channels import channel_named
from smilejax.recordings.face_measures import face_measure, smile_measures
from smilejax.recordings.kinds import FACE
from smilejax.settings import StudySettings
from smilejax.splits.study_design import Design

HAIR = 1e-6
"""Of a ms: times of steps are rounded."""


def class_difference(raw: RawResults, settings: StudySettings) -> ClassDifferenceResult:
    """The class difference over the window, with its interval, and the test of the time course."""
    window, shown = difference_window(raw.about, raw.time_ms), shown_channel(raw.about.channels)
    inside = (raw.time_ms >= window[0] - HAIR) & (raw.time_ms < window[1] - HAIR)
    x, valid = raw.x[:, inside, shown].astype(np.float64), raw.valid[:, inside]
    design, used = _design(raw), raw.trials["kept"].to_numpy(bool) & (raw.y >= 0)
    over = averaged_over(design.participant[used], raw.y[used])
    try:
        found = crossed_difference(
            x[used],
            valid[used],
            raw.y[used],
            design.participant[used],
            design.stimulus[used],
            level=settings.level,
            draws=settings.draws,
            seed=settings.seed,
        )
        interval, over, why_not = found.interval, found.over, found.why_no_interval
    except DataError as error:  # no trial of a class is valid in the window
        nan, none = float("nan"), SampleSizes(0, 0, 0)
        interval, why_not = Interval(nan, nan, nan, settings.level, settings.draws, none), error.reason
    return ClassDifferenceResult(
        channel=raw.about.channels[shown],
        unit=shown_unit(raw.about),
        from_ms=window[0],
        to_ms=window[1],
        over=over,
        interval=interval_result(interval),
        why_no_interval=why_not,
        course_test=(
            CourseTestResult(SINGLE_FRAMES, None)
            if raw.about.recording == FACE.name and len(raw.time_ms) == 1
            else _course_test(x, valid, design, raw.time_ms[inside], raw.about, settings)
        ),
    )


def shown_unit(about: About) -> str:
    """The unit of that channel: of faces its own, since measures differ in theirs."""
    if about.recording == FACE.name:
        return face_measure(about.channels[shown_channel(about.channels)]).unit
    return about.model_unit


def shown_channel(channels: tuple[str, ...]) -> int:
    """The channel that is compared and drawn: the first that is a level, else the first that is no mask, else the first. Of
    faces the first that follows the smile, where there is one.
    """
    if smile := smile_measures(channels):
        return channels.index(smile[0])
    named = [channel_named(name) for name in channels]
    levels = [at for at, one in enumerate(named) if one.level]
    signals = [at for at, one in enumerate(named) if not one.mask]
    return (*levels, *signals, 0)[0]


def difference_window(about: About, time_ms: Float[np.ndarray, " T"]) -> tuple[float, float]:
    """From and to in ms relative to onset, the end excluded: the trial from its onset or the end of its baseline.

    The steps of the baseline are left out since all trials are made alike there. Where nothing follows, it is the whole trial.
    """
    step_ms, last = 1000 / about.model_hz, float(time_ms[-1])
    baseline = about.recipe.get("baseline_ms")
    ends = [float(time_ms[0]), 0.0]
    if isinstance(baseline, list | tuple):
        ends.append(float(baseline[1]))
    elif isinstance(baseline, int | float):
        ends.append(about.start_ms + float(baseline))
    begin = max(ends)
    return (begin if begin <= last + HAIR else ends[0]), round(last + step_ms, 3)


def _design(raw: RawResults) -> Design:
    return Design(
        y=raw.y,
        scorable=raw.trials["kept"].to_numpy(bool) & (raw.y >= 0),
        participant=raw.codes("participant"),
        stimulus=raw.codes("stimulus"),
        smiler=raw.codes("smiler"),
        class_names=raw.about.class_names,
    )


def _course_test(
    x: Float[np.ndarray, "N T"],
    valid: npt.NDArray[np.bool_],
    design: Design,
    time_ms: Float[np.ndarray, " T"],
    about: About,
    settings: StudySettings,
) -> CourseTestResult:
    try:
        found = course_test(x, valid, design, scheme=settings.scheme, seed=settings.seed)
    except DataError as error:
        return CourseTestResult(error.reason, None)
    return CourseTestResult("", _scores(found, time_ms, 1000 / about.model_hz))


def _scores(found: CourseTest, time_ms: Float[np.ndarray, " T"], step_ms: float) -> CourseTestScores:
    test = found.test
    return CourseTestScores(
        scheme=found.scheme,
        where=found.where,
        why=found.why,
        null=found.null,
        units=found.units,
        threshold_p=test.threshold_p,
        p=test.p,
        smallest_p=test.smallest_p,
        p_participants=None if found.participants is None else found.participants.p,
        smallest_p_participants=None if found.participants is None else found.participants.smallest_p,
        permutations=test.count,
        all_permutations=found.all_permutations,
        clusters=tuple(
            CourseCluster(
                from_ms=round(float(time_ms[one.first]), 3),
                to_ms=round(float(time_ms[one.end - 1]) + step_ms, 3),
                mass=round(one.mass, 6),
                p=one.p,
            )
            for one in test.clusters
        ),
    )
