"""What the model looks at along a trial."""

from typing import Any

from smilejax.report.formatting import channel_words, known, number, seconds, several
from smilejax.report.page_parts import Block, Figure, Key, Numbers, Section, Table, Words, thinned
from smilejax.report.plotly_figures import CLASSES, ONE, Style, axis, band, level, line, plain, spec


def attribution_section(numbers: Numbers) -> Section:
    """Integrated gradients by class, and what hiding a window costs."""
    title, attribution = "What the model looks at", numbers.get("attribution")
    if not attribution:
        return Section("attribution", title, "Attribution", (Words("What the model looks at was not asked."),))
    shares = [v for one in attribution["channels"].values() for part in one.values() for v in part["mean"]]
    costs = [one["loss_rise"] for one in attribution["occlusion"]]
    if not any(map(known, (*shares, *costs))):
        why = "Every run that was asked diverged, so it cannot be told what the model looks at."
        return Section("attribution", title, "Attribution", (Words(why),))
    first, second = numbers["class_names"]
    trials = " and ".join(f"{n} {name}" for n, name in zip(attribution["trials"], (first, second), strict=True))
    blocks: list[Block] = [
        Words(
            f"Models of {several(attribution['seeds'], 'seed')} were asked about trials that they were not trained on: {trials}. "
            "This says what the model uses, not what the pupil does."
        )
    ]
    if any(map(known, shares)):
        blocks.append(_gradients(attribution, first, second))
    if any(map(known, costs)):
        blocks.append(_occlusion(attribution))
    return Section("attribution", title, "Attribution", tuple(blocks))


def _edges(one: Numbers) -> tuple[list[float | None], list[float | None]]:
    """Mean less and plus sd."""
    pairs = [
        (mean - sd, mean + sd) if known(mean) and known(sd) else (None, None)
        for mean, sd in zip(one["mean"], one["sd"], strict=True)
    ]
    return [low for low, _ in pairs], [high for _, high in pairs]


def _gradients(attribution: Numbers, first: str, second: str) -> Figure:
    """One plot for each channel, one above the other, on one scale."""
    times, channels = [time / 1000 for time in attribution["time_ms"]], list(attribution["channels"].items())
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    annotations, shapes = [], []
    height = 1 / len(channels)
    for at, (channel, classes) in enumerate(channels):
        own, top = "" if at == 0 else str(at + 1), 1 - at * height
        for name, style in zip((first, second), CLASSES, strict=True):
            traces += _course(times, classes[name], style, name, f"y{own}")
        domain = [max(top - height + (0.04 if at < len(channels) - 1 else 0), 0), top - 0.1 * height]
        layout[f"yaxis{own}"] = axis("log odds a step", domain=domain, nticks=5, **({"matches": "y"} if at else {}))
        annotations.append(_title(channel_words(channel), domain[1]))
        shapes.append({**level(0.0), "yref": f"y{own}"})
    last = "" if len(channels) < 2 else str(len(channels))
    said = " ".join(_most(name, classes, attribution, first, second) for name, classes in channels)
    return Figure(
        "gradients",
        "Integrated gradients",
        f"Share of each step in the log odds of {second}, against the mean trial (Sundararajan et al. 2017): above zero it "
        f"speaks for {second}, below for {first}. Lines: mean over the trials of a class and over seeds; bands: one sd "
        "between seeds.",
        f"Integrated gradients along the trial. {said}",
        spec(
            traces,
            hovermode="x unified",
            xaxis=axis("time, s", anchor=f"y{last}"),
            annotations=annotations,
            shapes=shapes,
            **layout,
        ),
        tuple(_table(name, classes, attribution, (first, second)) for name, classes in channels),
        tuple(style.key(name, band=True) for style, name in zip(CLASSES, (first, second), strict=True)),
        height=80 + 210 * len(channels),
    )


def _course(times: list[float], one: Numbers, style: Style, name: str, yaxis: str) -> list[dict[str, Any]]:
    low, high = _edges(one)
    hover = "%{y:.4f}"
    return [band(times, low, high, style, yaxis=yaxis), line(times, one["mean"], style, name, hover, yaxis=yaxis)]


def _title(text: str, top: float) -> dict[str, Any]:
    where = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom"}
    return {**where, "text": f"<b>{plain(text)}</b>", "showarrow": False, "font": {"size": 12}}


def _most(channel: str, classes: Numbers, attribution: Numbers, first: str, second: str) -> str:
    """Where the classes are furthest apart."""
    pairs = list(zip(classes[first]["mean"], classes[second]["mean"], strict=True))
    there = [at for at, pair in enumerate(pairs) if all(map(known, pair))]
    if not there:
        return ""
    at = max(there, key=lambda i: abs(pairs[i][1] - pairs[i][0]))
    return f"Of the channel {channel_words(channel)}, the classes are furthest apart at {seconds(attribution['time_ms'][at])} s."


def _table(channel: str, classes: Numbers, attribution: Numbers, names: tuple[str, str]) -> Table:
    rows, note = thinned(len(attribution["time_ms"]), "steps", 26)
    return Table(
        f"Integrated gradients, log odds a step: {channel_words(channel)}",
        ("time, s", *(head for name in names for head in (f"{name}: mean", "sd"))),
        tuple(
            (
                seconds(attribution["time_ms"][i]),
                *(number(classes[name][part][i], 4) for name in names for part in ("mean", "sd")),
            )
            for i in rows
        ),
        (),
        note,
    )


def _occlusion(attribution: Numbers) -> Figure:
    windows = attribution["occlusion"]
    known_ones = [one for one in windows if known(one["loss_rise"])]
    most = max(known_ones, key=lambda one: one["loss_rise"])
    sds = [one["sd"] if known(one["sd"]) else 0.0 for one in windows]
    names = [f"{one['from_ms'] / 1000:g} to {one['to_ms'] / 1000:g} s" for one in windows]
    said = f"{most['from_ms'] / 1000:g} to {most['to_ms'] / 1000:g} s, costs most: {number(most['loss_rise'])} nats"
    return Figure(
        "occlusion",
        "What hiding a window costs",
        "Rise of the cross-entropy when a window of every channel is set to the training trials' mean: the more, the more the "
        "model needs it. Below zero it does better without. Whiskers: one sd between seeds.",
        f"Bars of the rise of the loss when a window is hidden. Hiding {said}.",
        spec(
            [
                {
                    "type": "bar",
                    "x": [(one["from_ms"] + one["to_ms"]) / 2000 for one in windows],
                    "width": [(one["to_ms"] - one["from_ms"]) / 1000 * 0.9 for one in windows],
                    "y": [one["loss_rise"] for one in windows],
                    "text": names,
                    "textposition": "none",
                    "hovertemplate": "%{text}: %{y:.3f} nats<extra></extra>",
                    "marker": {"color": ONE.color, "line": {"width": 0}},
                    "error_y": {"type": "data", "array": sds, "color": "var(--ink)", "thickness": 1.2, "width": 3},
                }
            ],
            xaxis=axis("time, s"),
            yaxis=axis("rise of the loss, nats", nticks=6),
            shapes=[level(0.0, dash="solid")],
        ),
        (
            Table(
                "Rise of the cross-entropy when a window is hidden, in nats",
                ("window", "rise", "sd between seeds"),
                tuple(
                    (name, number(one["loss_rise"]), number(one["sd"]))
                    for name, one in zip(names, windows, strict=True)
                ),
            ),
        ),
        (Key("rise of the loss", ONE.color, marker="square", line=False),),
        height=300,
    )
