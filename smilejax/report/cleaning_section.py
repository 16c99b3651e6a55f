"""What cleaning did to one trial, step by step."""

from dataclasses import dataclass, replace

from smilejax._util.number_text import known, several, unit_words
from smilejax.evaluation.study.figure_results import CleaningLine, CleaningPanel, CleaningPanels, TimeSeries
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.report.formatting import DASH, count, number, seconds, sentence
from smilejax.report.page_parts import Blocks, Figure, FigureGrid, Key, Section, Table, Words, thinned
from smilejax.report.plotly_figures import PlotlyTrace, Style, axis, line, onset_lines, spec

BEFORE = Style("var(--before)", "var(--before)")
AFTER = Style("var(--after)", "var(--after)")
KEYS = (Key("before the step", BEFORE.color, wide=6.0), Key("after the step", AFTER.color, wide=1.6))
MOST_SAMPLES = 20
"""Rows of a panel's table: there are many panels."""
MARGIN = 0.06
"""Of the common axis, as a share of its range."""
CUT = 1.0
"""How far the common axis reaches beyond the cleaned trial, in ranges of that trial: a spike would flatten every line."""


def _missing(record: StudyRecord) -> str:
    steps = record.results.cleaning.steps
    return "" if any(map(_changes, steps)) else "no cleaning step changed the trial that would be shown."


def _blocks(record: StudyRecord) -> Blocks:
    """A panel for each step that changed the trial, and a table of all steps."""
    cleaning = record.results.cleaning
    limits, zero = common_limits(cleaning), onset_lines(record.results.about.start_ms)
    figures = tuple(
        _panel(at, step, cleaning.unit, limits, zero) for at, step in enumerate(cleaning.steps) if _changes(step)
    )
    words = (
        f"One trial, step by step: trial {cleaning.trial} of participant {cleaning.participant}. Of the kept trials with a "
        "blink it has the median proportion of valid samples. The broad pale line shows the trial before a step, the thin "
        "line after it. Where only the broad line is visible, the step removed samples; where only the thin line is "
        f"visible, it filled or moved them. Vertical: pupil in {unit_words(cleaning.unit)}; horizontal: time in seconds. "
        "Panels have the same vertical axis, except where a step changes the scale."
    )
    summary = Table(
        "Every cleaning step, and how many samples of this trial it changed",
        ("step", "samples changed", "what it does", "source"),
        tuple(
            (f"{at}. {one.name}", count(one.changed), one.does, one.source or DASH)
            for at, one in enumerate(cleaning.steps, start=1)
        ),
        (0, 2, 3),
    )
    return (Words(words), summary, *_unchanged(cleaning), FigureGrid(figures))


CLEANING = Section("cleaning", "Cleaning, step by step", "Cleaning", _blocks, _missing)


def _changes(step: CleaningPanel) -> bool:
    return step.changed != 0 and bool(step.lines)


def _unchanged(cleaning: CleaningPanels) -> tuple[Words, ...]:
    names = [step.name for step in cleaning.steps if not _changes(step)]
    if not names:
        return ()
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    have = "This step changed" if len(names) == 1 else "These steps changed"
    return (Words(f"{have} nothing in this trial and {'has' if len(names) == 1 else 'have'} no panel: {joined}."),)


def _values(step: CleaningPanel, sides: tuple[str, ...] = ("before", "after")) -> list[float]:
    series: list[TimeSeries | None] = [getattr(one, side) for one in step.lines for side in sides]
    return [value for one in series if one is not None for value in one.value if value is not None]


@dataclass(frozen=True)
class Limits:
    """Ends of an axis; cut: whether the recording has values beyond them."""

    low: float
    high: float
    cut: bool = False

    def hold(self, values: list[float]) -> bool:
        """Whether an axis with these ends shows values of the same scale."""
        middle = sorted(values)[len(values) // 2] if values else self.low
        return self.low <= middle <= self.high


def common_limits(cleaning: CleaningPanels) -> Limits | None:
    """The vertical axis that all panels share, up to the first step that changes the scale; None where nothing was valid.

    It holds the recording, but for spikes far outside of what remained after cleaning.
    """
    recorded = _values(cleaning.steps[0], ("before",))
    if not recorded:
        return None
    whole = Limits(min(recorded), max(recorded))
    kept = next(
        (values for step in reversed(cleaning.steps) if (values := _values(step, ("after",))) and whole.hold(values)),
        recorded,
    )
    reach = CUT * (max(kept) - min(kept))
    low, high = max(whole.low, min(kept) - reach), min(whole.high, max(kept) + reach)
    margin = MARGIN * (high - low) or 0.1
    return Limits(low - margin, high + margin, cut=(low, high) != (whole.low, whole.high))


def _panel(at: int, step: CleaningPanel, unit: str, limits: Limits | None, zero: list[PlotlyTrace]) -> Figure:
    joined = any(one.before is None or one.after is None for one in step.lines)
    common = limits is not None and limits.hold(_values(step, ("before",))) and limits.hold(_values(step, ("after",)))
    own = limits if common else None
    beyond = own is not None and any(not own.low <= value <= own.high for value in _values(step))
    remark = " Values beyond the axis are not shown." if beyond else "" if common else " This panel has its own axis."
    return Figure(
        f"step-{at + 1}",
        f"{at + 1}. {sentence(step.name).removesuffix('.')}",
        f"{sentence(step.does)} {_changed(step)}{remark}",
        f"Pupil along the trial before and after the step {step.name}. {_changed(step)} {_counts(step)}",
        _drawn([step.lines] if joined else [(one,) for one in step.lines], own, zero),
        (_joined_table(step, unit),) if joined else tuple(_table(step, one, unit) for one in step.lines),
        KEYS,
        height=230,
    )


def _changed(step: CleaningPanel) -> str:
    if step.changed is None:
        return "The lines before and after it differ in number, so that changed samples cannot be counted."
    return f"{several(step.changed, 'sample')} changed."


def _counts(step: CleaningPanel) -> str:
    parts = []
    for one in step.lines:
        sides = [
            (side, series) for side, series in (("before", one.before), ("after", one.after)) if series is not None
        ]
        counts = [f"{sum(map(known, s.value))} of {len(s.value)} samples {side}" for side, s in sides]
        parts.append(f"{one.name}: {', '.join(counts)}")
    return sentence("; ".join(parts))


def _drawn(plots: list[tuple[CleaningLine, ...]], limits: Limits | None, zero: list[PlotlyTrace]) -> str:
    """Plots in rows on one time axis, each with one line or, where lines were joined, with all of them."""
    traces: list[PlotlyTrace] = []
    layout: PlotlyTrace = {"hovermode": "x unified", "margin": {"l": 8, "r": 6, "t": 6, "b": 4}}
    height = 1 / max(len(plots), 1)
    fixed = {} if limits is None else {"range": [limits.low, limits.high]}
    for at, lines in enumerate(plots):
        own, top = "" if at == 0 else str(at + 1), 1 - at * height
        for side in ("before", "after"):
            traces += [_trace(one, side, f"y{own}", alone=len(lines) == 1) for one in lines if getattr(one, side)]
        title = lines[0].name.removesuffix(" eye") if len(plots) > 1 else ""
        bottom = max(top - height + (0.08 if at < len(plots) - 1 else 0), 0)
        layout[f"yaxis{own}"] = axis(title, domain=[bottom, top], nticks=5, **fixed)
    last = "" if len(plots) < 2 else str(len(plots))
    return spec(traces, xaxis=axis("", nticks=6, anchor=f"y{last}"), shapes=zero, **layout)


def _trace(one: CleaningLine, side: str, yaxis: str, *, alone: bool) -> PlotlyTrace:
    style, width = (BEFORE, 5.0) if side == "before" else (AFTER, 1.3)
    if one.name.startswith("right") and not alone:
        style = replace(style, dash="dot")
    series: TimeSeries = getattr(one, side)
    times = [time / 1000 for time in series.time_ms]
    name = side if alone else f"{side}, {one.name}"
    return line(times, series.value, style, name, width=width, yaxis=yaxis)


def _table(step: CleaningPanel, one: CleaningLine, unit: str) -> Table:
    """The samples that a step changed in one line; a few samples where it changed none."""
    before, after = _by_time(one.before), _by_time(one.after)
    every = [(time, before.get(time), value) for time, value in after.items()]
    rows = [row for row in every if row[0] not in before or row[1] != row[2]]
    if rows:
        what = "changed samples"
        kept, note = thinned(len(rows), what, MOST_SAMPLES)
    else:
        what, rows = "no sample changed", every
        kept, note = thinned(len(rows), "samples", MOST_SAMPLES // 2)
    return Table(
        f"{sentence(step.name).removesuffix('.')}, {one.name}: {what}",
        ("time, s", f"before, {unit}", f"after, {unit}"),
        tuple((seconds(rows[i][0]), number(rows[i][1]), number(rows[i][2])) for i in kept),
        (),
        note,
    )


def _by_time(series: TimeSeries | None) -> dict[float, float | None]:
    return {} if series is None else dict(zip(series.time_ms, series.value, strict=True))


def _joined_table(step: CleaningPanel, unit: str) -> Table:
    """All lines in columns, at the times of the first."""
    columns = [
        (f"{one.name} {side}, {unit}", _by_time(getattr(one, side)))
        for one in step.lines
        for side in ("before", "after")
        if getattr(one, side) is not None
    ]
    times = list(columns[0][1])
    kept, note = thinned(len(times), "samples", MOST_SAMPLES)
    return Table(
        f"{sentence(step.name).removesuffix('.')}: every line",
        ("time, s", *(name for name, _ in columns)),
        tuple((seconds(times[i]), *(number(values.get(times[i])) for _, values in columns)) for i in kept),
        (),
        note,
    )
