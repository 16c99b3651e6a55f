"""Attribution: which parts of a trial the network's predictions depend on."""

from collections.abc import Mapping

from smilejax._util.number_text import known, several
from smilejax.evaluation.study.figure_results import AttributionCourse, AttributionResult
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.report.formatting import channel_words, number, seconds
from smilejax.report.page_parts import Block, Blocks, Figure, Key, Section, Table, Words, thinned
from smilejax.report.plotly_figures import (
    CLASS_STYLES,
    INK,
    ONE,
    PlotlyTrace,
    Style,
    axis,
    band,
    escaped,
    horizontal_line,
    line,
    onset_lines,
    spec,
)
from smilejax.settings.classifier_names import has_network

Names = tuple[str, str]


def _missing(record: StudyRecord) -> str:
    results = record.results
    attribution = results.attribution
    if results.single_frames:
        return "the trials are single frames, and attribution shows which times matter."
    if attribution is None and not has_network(results.judged):
        return f"integrated gradients are of networks, and {results.the_judged} is none."
    if attribution is None and results.crop_side is not None:
        return "it is of measures over time, and the network is given pictures."
    if attribution is None:
        return "attribution was not requested (attribution_seeds is 0)."
    return (
        ""
        if _has_gradients(attribution) or _has_occlusion(attribution)
        else "every run that it was computed for diverged."
    )


def _has_gradients(attribution: AttributionResult) -> bool:
    return any(known(v) for classes in attribution.channels.values() for one in classes.values() for v in one.mean)


def _has_occlusion(attribution: AttributionResult) -> bool:
    return any(known(one.loss_rise) for one in attribution.occlusion)


def _blocks(record: StudyRecord) -> Blocks:
    attribution, names = record.results.attribution, record.results.class_names
    assert attribution is not None
    trials = " and ".join(f"{attribution.trials.get(name, 0)} of {name}" for name in names)
    over, zero = several(attribution.seeds, "seed"), onset_lines(record.results.about.start_ms)
    blocks: list[Block] = [
        Words(
            f"Networks of {over} were analysed on trials that they were not trained on ({trials}). Attribution describes which "
            "parts of the input a prediction depends on. It does not describe what the pupil does."
            + (" It is that of the networks alone." if record.results.judged == "combined" else "")
        )
    ]
    if _has_gradients(attribution):
        blocks.append(_gradients(attribution, names, zero))
    if _has_occlusion(attribution):
        blocks.append(_occlusion(attribution, zero))
    return tuple(blocks)


ATTRIBUTION = Section("attribution", "Attribution", "Attribution", _blocks, _missing)


def _spread(attribution: AttributionResult, what: str) -> str:
    return f"; {what}: one sd between seeds" if attribution.seeds > 1 else ", of one seed"


def _edges(one: AttributionCourse) -> tuple[list[float | None], list[float | None]]:
    """Mean minus and plus sd."""
    pairs = [
        (None, None) if mean is None or sd is None else (mean - sd, mean + sd)
        for mean, sd in zip(one.mean, one.sd, strict=True)
    ]
    return [low for low, _ in pairs], [high for _, high in pairs]


def _gradients(attribution: AttributionResult, names: Names, zero: list[PlotlyTrace]) -> Figure:
    """One plot for each channel in rows, on one scale."""
    times = [time / 1000 for time in attribution.time_ms if time is not None]
    traces: list[PlotlyTrace] = []
    layout: PlotlyTrace = {}
    annotations, shapes = [], []
    several_seeds, height = attribution.seeds > 1, 1 / len(attribution.channels)
    for at, (channel, classes) in enumerate(attribution.channels.items()):
        own, top = "" if at == 0 else str(at + 1), 1 - at * height
        for name, style in zip(names, CLASS_STYLES, strict=True):
            traces += _course(times, classes[name], style, name, f"y{own}", spread=several_seeds)
        domain = [max(top - height + (0.04 if at < len(attribution.channels) - 1 else 0), 0), top - 0.1 * height]
        layout[f"yaxis{own}"] = axis("log odds per step", domain=domain, nticks=5, **({"matches": "y"} if at else {}))
        annotations.append(_title(channel_words(channel), domain[1]))
        shapes.append({**horizontal_line(0.0), "yref": f"y{own}"})
    last = "" if len(attribution.channels) < 2 else str(len(attribution.channels))
    largest = " ".join(
        _largest(channel, classes, attribution, names) for channel, classes in attribution.channels.items()
    )
    first, second = names
    return Figure(
        "gradients",
        "Integrated gradients",
        f"Contribution of each step to the log odds of {second}, compared with the mean trial (Sundararajan et al. 2017). "
        f"Above zero it raises the probability of {second}, below zero that of {first}. Lines: mean over the trials of a class "
        f"and over seeds{_spread(attribution, 'bands')}.",
        f"Integrated gradients along the trial. {largest}",
        spec(
            traces,
            hovermode="x unified",
            xaxis=axis("time, s", anchor=f"y{last}"),
            annotations=annotations,
            shapes=[*shapes, *zero],
            **layout,
        ),
        tuple(_table(channel, classes, attribution, names) for channel, classes in attribution.channels.items()),
        tuple(style.key(name, band=several_seeds) for style, name in zip(CLASS_STYLES, names, strict=True)),
        height=80 + 210 * len(attribution.channels),
    )


def _course(
    times: list[float], one: AttributionCourse, style: Style, name: str, yaxis: str, *, spread: bool
) -> list[PlotlyTrace]:
    low, high = _edges(one)
    drawn = line(times, one.mean, style, name, "%{y:.4f}", yaxis=yaxis)
    return [band(times, low, high, style, yaxis=yaxis), drawn] if spread else [drawn]


def _title(text: str, top: float) -> PlotlyTrace:
    where = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom"}
    return {**where, "text": f"<b>{escaped(text)}</b>", "showarrow": False, "font": {"size": 12}}


def _largest(
    channel: str, classes: Mapping[str, AttributionCourse], attribution: AttributionResult, names: Names
) -> str:
    """Where the classes differ most."""
    pairs = zip(*(classes[name].mean for name in names), strict=True)
    found = [(abs(b - a), at) for at, (a, b) in enumerate(pairs) if a is not None and b is not None]
    if not found:
        return ""
    at = seconds(attribution.time_ms[max(found)[1]])
    return f"In the channel {channel_words(channel)}, the classes differ most at {at} s."


def _table(
    channel: str, classes: Mapping[str, AttributionCourse], attribution: AttributionResult, names: Names
) -> Table:
    rows, note = thinned(len(attribution.time_ms), "steps", 26)
    columns, head = [], ["time, s"]
    for name in names:
        columns.append(classes[name].mean)
        head.append(f"{name}: mean")
        if attribution.seeds > 1:
            columns.append(classes[name].sd)
            head.append("sd")
    return Table(
        f"Integrated gradients, log odds per step: {channel_words(channel)}",
        tuple(head),
        tuple((seconds(attribution.time_ms[i]), *(number(values[i], 4) for values in columns)) for i in rows),
        (),
        note,
    )


def _occlusion(attribution: AttributionResult, zero: list[PlotlyTrace]) -> Figure:
    windows, spread = attribution.occlusion, attribution.seeds > 1
    names = [f"{one.from_ms / 1000:g} to {one.to_ms / 1000:g} s" for one in windows]
    rises = [(one.loss_rise, name) for one, name in zip(windows, names, strict=True) if one.loss_rise is not None]
    rise, where = max(rises)
    bars: PlotlyTrace = {
        "type": "bar",
        "x": [(one.from_ms + one.to_ms) / 2000 for one in windows],
        "width": [(one.to_ms - one.from_ms) / 1000 * 0.9 for one in windows],
        "y": [one.loss_rise for one in windows],
        "text": names,
        "textposition": "none",
        "hovertemplate": "%{text}: %{y:.3f} nats<extra></extra>",
        "marker": {"color": ONE.color, "line": {"width": 0}},
    }
    if spread:
        sds = [one.sd or 0.0 for one in windows]
        bars["error_y"] = {"type": "data", "array": sds, "color": INK, "thickness": 1.2, "width": 3}
    sd_head = ("sd between seeds",) if spread else ()
    rows = tuple(
        (name, number(one.loss_rise), *([number(one.sd)] if spread else []))
        for name, one in zip(names, windows, strict=True)
    )
    return Figure(
        "occlusion",
        "Occlusion",
        "Rise of the cross-entropy when one window of every channel is replaced by the mean of the training trials. The "
        "higher, the more the predictions depend on that window; below zero they improve without it. Bars: mean over seeds"
        f"{_spread(attribution, 'whiskers')}.",
        f"Rise of the loss when a window is replaced. It is largest for {where}: {number(rise)} nats.",
        spec(
            [bars],
            xaxis=axis("time, s"),
            yaxis=axis("rise of the loss, nats", nticks=6),
            shapes=[horizontal_line(0.0, dash="solid"), *zero],
        ),
        (Table("Rise of the cross-entropy by window, nats", ("window", "rise", *sd_head), rows),),
        (Key("rise of the loss", ONE.color, marker="square", line=False),),
        height=300,
    )
