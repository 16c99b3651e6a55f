"""What the answers are worth: operating curve, calibration, people and stimuli one by one, and several observers together."""

from collections.abc import Iterator
from typing import Any

from smilejax.report.formatting import count, known, number, percent, sentence, several, span
from smilejax.report.page_parts import Block, Figure, Key, Numbers, Section, Table, Words, thinned
from smilejax.report.plotly_figures import (
    MUTED,
    ONE,
    OTHER,
    SHARES,
    SYMBOLS,
    Style,
    axis,
    band,
    level,
    line,
    spec,
    whiskers,
)
from smilejax.report.verdict_box import of_verdict

RAW, SCALED = ("raw", "as trained", OTHER), ("calibrated", "after temperature scaling", ONE)
"""Probabilities: name in the numbers, in words, and look."""
EVEN = {"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "line": {"color": MUTED, "dash": "dash", "width": 1.3}}
"""The diagonal."""
TOGETHER = "the mean probability over seeds, all folds together"


def roc_section(numbers: Numbers) -> Section:
    """The operating curve."""
    title, roc = "ROC", numbers.get("roc")
    if not roc:
        return Section(
            "roc", title, title, (Words("Without answers to trials of both classes there is no ROC curve."),)
        )
    first, second = numbers["class_names"]
    area = (of_verdict(numbers).get("ensemble") or {}).get("auc")
    rows, note = thinned(len(roc["threshold"]), "thresholds")
    x, y = roc["false_positive_rate"], roc["true_positive_rate"]
    figure = Figure(
        "roc-curve",
        "Operating curve",
        f"How many {second} trials are called {second}, against how many {first} trials are, as the threshold falls: of "
        f"{TOGETHER}. Area under the curve: {number(area)}; chance, the dashed diagonal, has 0.5.",
        f"ROC curve with an area of {number(area)} beneath it; the diagonal of chance has 0.5.",
        spec(
            [line(x, y, ONE, "model", "%{y:.1%} at %{x:.1%}<extra></extra>")],
            xaxis=axis(f"{_short(first)} called {_short(second)}", range=[-0.02, 1.02], **SHARES),
            yaxis=axis(f"{_short(second)} called {_short(second)}", range=[-0.02, 1.02], **SHARES),
            shapes=[EVEN],
        ),
        (
            Table(
                "Points of the ROC curve",
                ("threshold", f"{first} called {second}", f"{second} called {second}"),
                tuple(
                    (number(roc["threshold"][i], 4) if i else "above all", percent(x[i]), percent(y[i])) for i in rows
                ),
                (),
                note,
            ),
        ),
        (ONE.key("the model"), Key("chance", MUTED, "7 4")),
        height=420,
        width=520,
    )
    return Section("roc", title, title, (figure,))


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def calibration_section(numbers: Numbers) -> Section:
    """Whether probabilities mean what they say."""
    title, calibration = "Calibration", numbers.get("calibration") or {"done": False, "why_not": ""}
    blocks: list[Block] = []
    if not calibration["done"]:
        blocks.append(Words(f"Probabilities were not calibrated. {sentence(calibration['why_not'])}"))
    there = [one for one in (RAW, SCALED) if calibration.get(one[0])]
    if not there:
        blocks.append(Words("No trial has an answer whose probability could be looked at."))
        return Section("calibration", title, title, tuple(blocks))
    blocks += [_reliability(numbers, calibration, there), _errors(calibration, there)]
    if temperature := calibration.get("temperature"):
        folds = [value for value in temperature["folds"] if known(value)]
        told = f", from {number(min(folds), 2)} to {number(max(folds), 2)}" if folds else ""
        blocks.append(
            Words(
                f"Each fold's temperature was fitted on its own validation trials{told}; a model of use takes "
                f"{number(temperature['final'], 2)}. Above 1 the model was too sure, below 1 not sure enough."
            )
        )
    return Section("calibration", title, title, tuple(blocks))


def _reliability(numbers: Numbers, calibration: Numbers, there: list[tuple[str, str, Style]]) -> Figure:
    second = numbers["class_names"][1]
    return Figure(
        "reliability",
        "Reliability",
        f"Trials in tenths of the probability of {second}, {TOGETHER}: how often they were {second}. On the dashed diagonal, "
        "probabilities mean what they say. The more trials, the larger the mark.",
        f"Reliability diagram, {' and '.join(words for _, words, _ in there)}. "
        + " ".join(
            f"The calibration error {words} is {number(calibration[name]['error'])}." for name, words, _ in there
        ),
        spec(
            [_marks(calibration[name]["bins"], words, style) for name, words, style in there],
            xaxis=axis(f"mean probability of {_short(second)}", range=[-0.04, 1.04], **SHARES),
            yaxis=axis(f"share that was {_short(second)}", range=[-0.06, 1.06], **SHARES),
            shapes=[{**EVEN, "layer": "below"}],
        ),
        tuple(_bins_table(calibration[name]["bins"], f"Reliability {words}", second) for name, words, _ in there),
        (*(style.key(words, marker=True) for _, words, style in there), Key("as it should be", MUTED, "7 4")),
        height=420,
        width=520,
    )


def _marks(rows: list[Numbers], words: str, style: Style) -> dict[str, Any]:
    shown = [row for row in rows if row["count"]]
    most = max((row["count"] for row in shown), default=1)
    return {
        **line([row["mean_p"] for row in shown], [row["share"] for row in shown], style, words, "%{y:.1%} of %{text}"),
        "mode": "lines+markers",
        "text": [several(row["count"], "trial") for row in shown],
        "line": {"color": style.color, "dash": style.dash, "width": 1.4},
        # Area by number, as areas are compared.
        "marker": {
            "opacity": 1,
            "color": style.color,
            "symbol": SYMBOLS[style.marker],
            "size": [6 + 12 * (row["count"] / most) ** 0.5 for row in shown],
            "line": {"width": 2, "color": style.color},
        },
    }


def _bins_table(rows: list[Numbers], caption: str, second: str) -> Table:
    return Table(
        caption,
        ("probability", "trials", "mean probability", f"share {second}"),
        tuple(
            (
                f"{percent(row['low'], 0)} to {percent(row['high'], 0)}",
                count(row["count"]),
                percent(row["mean_p"]),
                percent(row["share"]),
            )
            for row in rows
        ),
    )


def _errors(calibration: Numbers, there: list[tuple[str, str, Style]]) -> Figure:
    parts = [(words, calibration[name], style) for name, words, style in there]
    places = list(range(len(parts)))
    low, high = [one["null_low"] for _, one, _ in parts], [one["null_high"] for _, one, _ in parts]
    wide = whiskers(low, high, places, "var(--bar)", 16.0)
    said = [
        f"{words} {number(one['error'])}, a perfect model {number(one['null_low'])} to {number(one['null_high'])}"
        for words, one, _ in parts
    ]
    return Figure(
        "calibration-error",
        "Calibration error",
        "The mean distance of probability and share, over trials. Even a perfect model has some with so few trials: the grey "
        "band is the middle 95% of what it would show with these probabilities, the upright its median.",
        f"Calibration error: {'; '.join(said)}.",
        spec(
            [wide, *(trace for at, part in enumerate(parts) for trace in _error_marks(at, part))],
            xaxis=axis("calibration error", rangemode="tozero", nticks=6),
            yaxis=axis(range=[len(parts) - 0.5, -0.7], showticklabels=False, ticks="", showgrid=False),
            annotations=[_name(at, words) for at, (words, _, _) in enumerate(parts)],
        ),
        (_errors_table(parts),),
        (
            *(Key(words, style.color, marker=style.marker, line=False) for words, _, style in parts),
            Key("a perfect model", "var(--bar)", wide=10.0),
        ),
        height=90 + 50 * len(parts),
    )


def _errors_table(parts: list[tuple[str, Numbers, Style]]) -> Table:
    names = ("error", "null_median", "null_low", "null_high", "log_loss", "brier")
    return Table(
        "Calibration error, and what a perfect model shows",
        ("probabilities", "error", "perfect: median", "low", "high", "log loss, nats", "Brier score"),
        tuple((words, *(number(one[name]) for name in names)) for words, one, _ in parts),
    )


def _error_marks(at: int, part: tuple[str, Numbers, Style]) -> Iterator[dict[str, Any]]:
    words, one, style = part
    look = {"size": 12, "color": style.color, "line": {"width": 2, "color": style.color}}
    base = {"type": "scatter", "mode": "markers", "y": [at], "hovertemplate": "%{x:.3f}"}
    yield {
        **base,
        "x": [one["null_median"]],
        "name": "perfect model, median",
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": MUTED}},
    }
    yield {**base, "x": [one["error"]], "name": words, "marker": {"symbol": SYMBOLS[style.marker], **look}}


def _name(at: int, words: str) -> dict[str, Any]:
    where = {"xref": "paper", "x": 0, "xanchor": "left", "y": at, "yanchor": "bottom", "yshift": 9}
    return {**where, "text": words, "showarrow": False, "font": {"size": 12, "color": MUTED}}


def groups_section(numbers: Numbers) -> Section:
    """Participants and stimuli one by one."""
    blocks: list[Block] = [
        Words(
            "How the trials of each were answered, mean over seeds. With few trials each, most of what differs here is chance."
        )
    ]
    for name, one, many in (("participants", "participant", "Participants"), ("stimuli", "stimulus", "Stimuli")):
        rows = numbers.get(name)
        if rows:
            blocks.append(_group(rows, one, many, numbers["class_names"]))
        else:
            blocks.append(Words(f"{many} were not recorded for every trial, so there is no table of them."))
    return Section("groups", "Participants and stimuli", "People and stimuli", tuple(blocks))


def _group(rows: list[Numbers], one: str, many: str, names: list[str]) -> Table:
    head = (
        one,
        "trials",
        "scored",
        *(f"of {name}" for name in names),
        "accuracy",
        "balanced",
        f"mean P({names[1]})",
        "measured",
    )
    return Table(
        many,
        head,
        tuple(
            (
                row["name"],
                count(row["trials"]),
                count(row["scored"]),
                *(count(row.get(f"scored_{name}")) for name in names),
                percent(row["accuracy"]),
                percent(row["balanced_accuracy"]),
                number(row["mean_p"]),
                percent(row["measured"]),
            )
            for row in rows
        ),
        note="Accuracy is balanced over the classes only where there are trials of both.",
    )


def voting_section(numbers: Numbers) -> Section:
    """Several observers of one stimulus together."""
    title, rows = "Several observers together", [row for row in numbers.get("voting") or () if known(row["accuracy"])]
    if not rows:
        why = "Observers of one stimulus could not be put together: it takes answers, and the stimulus of each trial."
        return Section("voting", title, "Voting", (Words(why),))
    x = [float(row["k"]) for row in rows]
    drawn = line(x, [row["accuracy"] for row in rows], ONE, "accuracy", "%{y:.1%}")
    low, high = [row["low"] for row in rows], [row["high"] for row in rows]
    last = rows[-1]
    figure = Figure(
        "voting-curve",
        "Accuracy against the number of observers",
        "The mean of the probabilities of k observers of one stimulus decides, for all groups of k or as many as were drawn. "
        "Band: 95% interval over stimuli, of these observers; where all stimuli are answered alike it cannot be told. Dashed: "
        "chance.",
        f"One observer is right in {percent(rows[0]['accuracy'])}, {count(last['k'])} together in {percent(last['accuracy'])}.",
        spec(
            [band(x, low, high, ONE), {**drawn, "mode": "lines+markers", "marker": {"size": 8, "color": ONE.color}}],
            hovermode="x unified",
            xaxis=axis("observers", dtick=max(1, round(len(rows) / 10)), tick0=0, hoverformat="d"),
            yaxis=axis("balanced accuracy", range=[min(0.4, *(row["accuracy"] for row in rows)), 1.02], **SHARES),
            shapes=[level(0.5)],
        ),
        (_voting_table(rows),),
        (ONE.key("the model", marker=True, band=True), Key("chance", MUTED, "7 4")),
        height=320,
    )
    return Section("voting", title, "Voting", (figure,))


def _voting_table(rows: list[Numbers]) -> Table:
    shown, note = thinned(len(rows), "numbers of observers")
    return Table(
        "Balanced accuracy of k observers together",
        ("observers", "accuracy", "interval", "stimuli", "stimuli with fewer observers", "groups"),
        tuple(
            (
                count(rows[i]["k"]),
                percent(rows[i]["accuracy"]),
                span(rows[i]["low"], rows[i]["high"]),
                count(rows[i]["stimuli"]),
                count(rows[i]["dropped"]),
                "all" if rows[i]["exact"] else "drawn",
            )
            for i in shown
        ),
        note=note,
    )
