"""The pupil along a trial: mean of each class, and their difference."""

from smilejax._util.number_text import known, p_words, unit_words
from smilejax.evaluation.study.difference_in_words import (
    course_sentence,
    difference_of,
    difference_window_words,
    permutations_words,
)
from smilejax.evaluation.study.difference_results import CourseCluster, CourseTestScores
from smilejax.evaluation.study.figure_results import Dilation, Numbers, TimeCourse
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.report.formatting import channel_words, number, p_value, percent, seconds, significant
from smilejax.report.page_parts import Blocks, Figure, Key, Section, Table, Words, thinned
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
        "the true value by chance. These figures describe the data; the verdict rests on the permutation test further down."
    )
    if results.single_frames:
        return _tested(results)
    zero = onset_lines(results.about.start_ms)
    return (
        Words(words),
        *_tested(results),
        _classes(dilation, first, second, zero),
        _difference(results, zero),
    )


DILATION = Section("dilation", "Mean pupil dilation by class", "Dilation", _blocks, _missing)


def _tested(results: StudyResults) -> Blocks:
    """The class difference, and what the test of the time course is a test of."""
    found = results.class_difference
    if found is None:
        return ()
    words = difference_of(results)
    if found.interval.units.stimuli and found.interval.low is not None:
        words += (
            " This interval is for other participants and other stimuli. Bands in the figures are over "
            f"{results.dilation.over} alone, and too narrow for other stimuli."
        )
    scores = found.course_test.scores
    if scores is None:
        return Words(words), Words(course_sentence(found, results.alpha))
    test = (
        f"{course_sentence(found, results.alpha)} It tests the hypothesis that {scores.null}, with t over {scores.units} at "
        f"each step and {permutations_words(scores)}; the smallest attainable p is {p_value(scores.smallest_p)}."
    )
    return Words(words), Words(test)


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


def _difference(results: StudyResults, zero: list[PlotlyTrace]) -> Figure:
    dilation, (first, second) = results.dilation, results.class_names
    found = results.class_difference
    scores = None if found is None else found.course_test.scores
    clusters = () if scores is None else scores.clusters
    times, unit, course = _in_seconds(dilation.time_ms), unit_words(dilation.unit), dilation.difference
    name = f"{second} minus {first}"
    paired = f"within each of the {dilation.over} with both classes, then averaged"
    how = paired if dilation.paired else f"of the means over {dilation.over}"
    return Figure(
        "dilation-difference",
        "Difference between the classes",
        f"The difference {name}, {how}. Above zero, the pupil is larger for {second}. Where the band includes zero, that step "
        f"on its own shows no difference. {_clusters_in_words(scores)}".strip(),
        f"Difference {name} along the trial. {_largest(dilation, first, second, unit)}",
        spec(
            [band(times, course.low, course.high, ONE), line(times, course.mean, ONE, "difference")],
            hovermode="x unified",
            xaxis=axis("time, s"),
            yaxis=axis(f"difference, {unit}", nticks=7),
            shapes=[horizontal_line(0.0), *zero, *map(_shaded, clusters)],
            annotations=_labels(clusters, results.alpha),
            margin={"l": 8, "r": 12, "t": 24 if clusters else 12, "b": 8},  # room for p above the figure
        ),
        (
            _table(f"Difference of the means in {unit}", dilation.time_ms, {name: course}),
            *_cluster_tables(results),
        ),
        (ONE.key(name, band=True), *((CLUSTER_KEY,) if clusters else ())),
        height=280,
    )


CLUSTER_KEY = Key("cluster", "var(--muted)", band="var(--grid)", line=False)


def _shaded(cluster: CourseCluster) -> PlotlyTrace:
    """The steps of a cluster as an area from the bottom to the top of the figure."""
    look = {"fillcolor": "var(--grid)", "opacity": 0.6, "line": {"width": 0}, "layer": "below"}
    return {
        "type": "rect",
        "x0": cluster.from_ms / 1000,
        "x1": cluster.to_ms / 1000,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
    } | look


def _labels(clusters: tuple[CourseCluster, ...], alpha: float) -> list[PlotlyTrace]:
    """p above the largest cluster and those up to alpha; of the others it is in the table."""
    if not clusters:
        return []
    largest = min(clusters, key=lambda one: (one.p, -abs(one.mass)))
    return [
        {
            "x": (one.from_ms + one.to_ms) / 2000,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "text": f"p = {p_value(one.p)}",
            "showarrow": False,
            "font": {"size": 12, "color": "var(--ink)"},
        }
        for one in clusters
        if one is largest or one.p <= alpha
    ]


def _clusters_in_words(scores: CourseTestScores | None) -> str:
    if scores is None or not scores.clusters:
        return "" if scores is None else "No step has a t beyond the threshold of the cluster-based permutation test."
    return (
        "Shaded: clusters of the cluster-based permutation test, neighbouring steps with |t| beyond that of p = "
        f"{p_words(scores.threshold_p)}, over {scores.units}. p stands above the largest cluster and above each significant "
        "one; the table has p of all. A small p says that the classes differ somewhere in the trial. It does not say that they "
        "begin or end to differ where a cluster does."
    )


def _cluster_tables(results: StudyResults) -> tuple[Table, ...]:
    found, (first, second) = results.class_difference, results.class_names
    if found is None or found.course_test.scores is None:
        return ()
    rows = tuple(
        (
            seconds(one.from_ms),
            seconds(one.to_ms),
            f"{second} {'above' if one.mass > 0 else 'below'} {first}",
            number(abs(one.mass), 1),
            p_value(one.p),
        )
        for one in found.course_test.scores.clusters
    )
    table = Table(
        f"Clusters in {difference_window_words(found)}",
        ("from, s", "to, s", "side", "sum of |t|", "p"),
        rows or (("none", "", "", "", ""),),
        (0, 2),
        "" if rows else "p is 1 without a cluster.",
    )
    return (table,)


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
