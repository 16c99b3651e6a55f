"""The pupil along a trial: mean of each class, and their difference."""

from smilejax._util.number_text import known, unit_words
from smilejax.evaluation.study.figure_results import Dilation, Numbers, TimeCourse
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.report.formatting import channel_words, number, percent, seconds, significant
from smilejax.report.page_parts import Blocks, Figure, Section, Table, Words, thinned
from smilejax.report.plotly_figures import (
    CLASS_STYLES,
    ONE,
    PlotlyTrace,
    axis,
    band,
    horizontal_line,
    line,
    onset_lines,
    spec,
)


def _missing(record: StudyRecord) -> str:
    courses = record.results.dilation.classes.values()
    if any(known(value) for one in courses for value in one.mean):
        return ""
    return "no step of the trials has valid samples to average."


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    first, second = results.class_names
    dilation = results.dilation
    words = (
        f"The channel shown: {channel_words(dilation.channel)}. Means are over {dilation.over}, each of which counts once. "
        f"Bands are {percent(results.level, 0)} t intervals for each step on its own; over a whole trial some of them exclude "
        "the true value by chance. These figures describe the data. The test is the permutation test further down."
    )
    zero = onset_lines(results.about.start_ms)
    return (Words(words), _classes(dilation, first, second, zero), _difference(dilation, first, second, zero))


DILATION = Section("dilation", "Mean pupil dilation by class", "Dilation", _blocks, _missing)


def _in_seconds(time_ms: Numbers) -> list[float]:
    return [time / 1000 for time in time_ms if time is not None]


def _classes(dilation: Dilation, first: str, second: str, zero: list[PlotlyTrace]) -> Figure:
    times, unit = _in_seconds(dilation.time_ms), unit_words(dilation.unit)
    courses = [dilation.classes[name] for name in (first, second)]
    traces = [band(times, one.low, one.high, style) for one, style in zip(courses, CLASS_STYLES, strict=True)]
    traces += [
        line(times, one.mean, style, name)
        for one, style, name in zip(courses, CLASS_STYLES, (first, second), strict=True)
    ]
    return Figure(
        "dilation-classes",
        "Mean of each class",
        f"Mean pupil dilation in trials of {first} and of {second}. Lines: means over {dilation.over}; bands: their intervals.",
        f"Mean dilation of {first} and of {second} along the trial. {_largest(dilation, first, second, unit)}",
        spec(
            traces, hovermode="x unified", xaxis=axis("time, s"), yaxis=axis(f"dilation, {unit}", nticks=7), shapes=zero
        ),
        (_table(f"Mean dilation in {unit}", dilation.time_ms, dict(zip((first, second), courses, strict=True))),),
        tuple(style.key(name, band=True) for style, name in zip(CLASS_STYLES, (first, second), strict=True)),
        height=360,
    )


def _difference(dilation: Dilation, first: str, second: str, zero: list[PlotlyTrace]) -> Figure:
    times, unit, course = _in_seconds(dilation.time_ms), unit_words(dilation.unit), dilation.difference
    name = f"{second} minus {first}"
    paired = f"within each of the {dilation.over} with both classes, then averaged"
    how = paired if dilation.paired else f"of the means over {dilation.over}"
    return Figure(
        "dilation-difference",
        "Difference between the classes",
        f"The difference {name}, {how}. Above zero, the pupil is larger for {second}. Where the band includes zero, that step "
        "on its own shows no difference.",
        f"Difference {name} along the trial. {_largest(dilation, first, second, unit)}",
        spec(
            [band(times, course.low, course.high, ONE), line(times, course.mean, ONE, "difference")],
            hovermode="x unified",
            xaxis=axis("time, s"),
            yaxis=axis(f"difference, {unit}", nticks=7),
            shapes=[horizontal_line(0.0), *zero],
        ),
        (_table(f"Difference of the means in {unit}", dilation.time_ms, {name: course}),),
        (ONE.key(name, band=True),),
        height=280,
    )


def _largest(dilation: Dilation, first: str, second: str, unit: str) -> str:
    course = dilation.difference
    found = [(abs(value), at) for at, value in enumerate(course.mean) if value is not None]
    if not found:
        return "No difference could be averaged."
    at = max(found)[1]
    value, low, high = course.mean[at] or 0.0, course.low[at], course.high[at]
    interval = f", interval {significant(low)} to {significant(high)}" if known(low) and known(high) else ""
    above = "above" if value > 0 else "below"
    return (
        f"The difference is largest at {seconds(dilation.time_ms[at])} s, where {second} is {significant(abs(value))} {unit} "
        f"{above} {first} (difference {significant(value)}{interval})."
    )


def _table(caption: str, time_ms: Numbers, courses: dict[str, TimeCourse]) -> Table:
    rows, note = thinned(len(time_ms), "steps")
    head = ["time, s"]
    for name in courses:
        head += [f"{name}: mean", "low", "high"]
    columns = [values for one in courses.values() for values in (one.mean, one.low, one.high)]
    return Table(
        caption,
        tuple(head),
        tuple((seconds(time_ms[i]), *(number(values[i], 4) for values in columns)) for i in rows),
        (),
        note,
    )
