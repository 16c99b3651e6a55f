"""How well: protocols and controls beside chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from smilejax.evaluation.statistics import ALPHA
from smilejax.report.formatting import DASH, count, known, number, p_value, percent, points, sentence, several, span
from smilejax.report.page_parts import Block, Figure, Fold, Key, Numbers, Points, Section, Table, Words
from smilejax.report.plotly_figures import (
    INK,
    MUTED,
    ONE,
    OTHER,
    SHARES,
    SYMBOLS,
    Style,
    axis,
    plain,
    spec,
    upright,
    whiskers,
)
from smilejax.report.verdict_box import of_verdict

PROTOCOLS = {
    "participant-and-stimulus": "New people, new stimuli",
    "participant": "New people, known stimuli",
    "stimulus": "Known people, new stimuli",
    "shuffled": "Shuffled trials",
}
UNSEEN = {"participant": "New people"}
"""The same where stimuli were not recorded."""
CONTROLS = {
    "majority": "Share of the classes",
    "baseline": "Before the response",
    "features": "Pupil measures",
    "rocket": "MiniRocket",
    "mask": "Missing samples",
}
METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "auc": "area under the ROC curve",
    "f1": "F1",
    "mcc": "Matthews correlation",
    "brier": "Brier score",
    "log_loss": "log loss, nats",
}


def _name(protocol: Numbers, numbers: Numbers) -> str:
    own: str = protocol["name"]
    known_as = PROTOCOLS if numbers["data"]["stimuli"] is not None else PROTOCOLS | UNSEEN
    return known_as.get(own, own)


@dataclass(frozen=True)
class _Row:
    name: str
    interval: Numbers
    style: Style
    first: bool = False


def scores_section(numbers: Numbers) -> Section:
    """Every score with its interval."""
    blocks: list[Block] = [
        Words(
            "Balanced accuracy is the mean of the shares of either class that were answered right: a coin has 50%, however "
            "unequal the classes are. Each score is of trials that their model was not trained on, mean over seeds; its "
            "interval is for other participants and, where they were recorded, other stimuli."
        )
    ]
    blocks += list(_forest(numbers)) or [Words("No protocol gave a score.")]
    blocks += [*_protocols(numbers), *_controls(numbers), *_people(numbers), *_details(numbers)]
    return Section("scores", "Scores", "Scores", tuple(blocks))


def _rows(numbers: Numbers) -> list[_Row]:
    rows = [
        _Row(_name(one, numbers), one["interval"], ONE, one["name"] == numbers["verdict_protocol"])
        for one in numbers["protocols"]
        if one["available"]
    ]
    rows += [
        _Row(CONTROLS.get(one["name"], one["name"]), one["interval"], OTHER)
        for one in numbers["controls"]
        if one["available"]
    ]
    return [row for row in rows if known(row.interval["estimate"])]


def _forest(numbers: Numbers) -> Iterator[Figure]:
    rows = _rows(numbers)
    if not rows:
        return
    table = Table(
        "Balanced accuracy and its interval",
        ("what", "score", "low", "high"),
        (
            *((row.name, *(percent(row.interval[part]) for part in ("estimate", "low", "high"))) for row in rows),
            ("Chance", "50.0%", DASH, DASH),
        ),
    )
    yield Figure(
        "forest",
        "Protocols and controls beside chance",
        f"Filled circles: the model by each protocol, from the of_verdict; the verdict is about the one in bold. Open diamonds: "
        f"controls, on the trials of that protocol. Lines: {percent(numbers['level'], 0)} intervals; a score whose interval "
        "cannot be told has none. Dashed: chance.",
        "Balanced accuracy: " + "; ".join(f"{row.name} {_both(row.interval)}" for row in rows) + ". Chance is 50%.",
        spec(
            list(_marks(rows)),
            xaxis=axis("balanced accuracy", range=[-0.02, 1.02], **SHARES),
            yaxis=axis(range=[len(rows) - 0.55, -0.75], showticklabels=False, ticks="", showgrid=False),
            shapes=[upright(0.5)],
            annotations=list(_labels(rows)),
        ),
        (table,),
        (
            Key("the model", ONE.color, marker="circle"),
            Key("controls", OTHER.color, marker="diamond"),
            Key("chance", MUTED, "7 4"),
        ),
        height=70 + 44 * len(rows),
    )


def _both(interval: Numbers) -> str:
    low, high = interval["low"], interval["high"]
    text = percent(interval["estimate"], 0)
    return f"{text} ({percent(low, 0).rstrip('%')} to {percent(high, 0)})" if known(low) and known(high) else text


def _marks(rows: list[_Row]) -> Iterator[dict[str, Any]]:
    for style in (ONE, OTHER):
        own = [(at, row) for at, row in enumerate(rows) if row.style is style]
        y = [at for at, _ in own]
        yield whiskers([r.interval["low"] for _, r in own], [r.interval["high"] for _, r in own], y, style.color, 2.4)
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [row.interval["estimate"] for _, row in own],
            "y": y,
            "text": [plain(row.name) for _, row in own],
            "hovertemplate": "%{text}: %{x:.1%}<extra></extra>",
            "marker": {
                "opacity": 1,
                "color": style.color,
                "symbol": SYMBOLS[style.marker],
                "size": [13 if row.first else 10 for _, row in own],
                "line": {"width": 2, "color": style.color},
            },
        }


def _labels(rows: list[_Row]) -> Iterator[dict[str, Any]]:
    """The name of a row above its line on the left, its numbers on the right: room enough on a phone."""
    for at, row in enumerate(rows):
        name, value = plain(row.name), _both(row.interval)
        for text, place in ((name, "left"), (value, "right")):
            yield {
                "text": f"<b>{text}</b>" if row.first else text,
                "xref": "paper",
                "x": 0 if place == "left" else 1,
                "xanchor": place,
                "y": at,
                "yanchor": "bottom",
                "yshift": 6,
                "showarrow": False,
                "font": {"size": 12, "color": INK if row.first else MUTED},
            }


def _protocols(numbers: Numbers) -> Iterator[Block]:
    rows, words = [], []
    for one in numbers["protocols"]:
        name = _name(one, numbers)
        if not one["available"]:
            rows.append((name, *[DASH] * 6))
            words.append(f"{name}: {one['scores']}. {sentence('not possible: ' + one['why_not'])}")
            continue
        interval = one["interval"]
        rows.append(
            (
                name,
                percent(interval["estimate"]),
                span(interval["low"], interval["high"]),
                points(one["metrics"]["balanced_accuracy"]["sd"]).removeprefix("+"),
                count(one["folds"]),
                count(one["runs"]) + (f" ({one['diverged']} diverged)" if one["diverged"] else ""),
                count(one["trials_scored"]),
            )
        )
        words.append(
            f"{name}: {one['scores']}."
            + (f" {sentence('can be too high: ' + one['why_leaky'])}" if one["leaky"] else "")
        )
    head = ("protocol", "score", "interval", "sd of seeds, points", "folds", "runs", "trials scored")
    yield Table("Protocols, from the of_verdict", head, tuple(rows))
    yield Points(tuple(words))


def _controls(numbers: Numbers) -> Iterator[Block]:
    if not numbers["controls"]:
        yield Words("No control was run beside the model.")
        return
    rows, words = [], []
    for one in numbers["controls"]:
        name = CONTROLS.get(one["name"], one["name"])
        if not one["available"]:
            rows.append((name, *[DASH] * 6))
            words.append(f"{name}: {sentence(one['words'])} {sentence('not possible: ' + one['why_not'])}")
            continue
        rows.append((name, *_control(one)))
        words.append(f"{name}: {one['words']}.")
    yield Table(
        "Controls, on the same trials as the verdict",
        ("control", "score", "interval", "model's lead, points", "its interval", "p", "p corrected"),
        tuple(rows),
        note="The lead is the model's score less the control's. p: by permutation, of the control itself; corrected for the "
        "number of controls (Holm).",
    )
    yield Points(tuple(words))


def _control(one: Numbers) -> tuple[str, ...]:
    interval, lead, test = one["interval"], one["difference"], one.get("test") or {}
    return (
        percent(interval["estimate"]),
        span(interval["low"], interval["high"]),
        points(lead["estimate"]),
        f"{points(lead['low'])} to {points(lead['high'])}" if known(lead["low"]) else DASH,
        p_value(test.get("p")),
        p_value(test.get("p_corrected")),
    )


def _people(numbers: Numbers) -> Iterator[Block]:
    people = numbers.get("people") or {}
    rows = []
    if one := people.get("participants"):
        interval = span(one["low"], one["high"])
        whom = several(one["n"], "participant")
        mean = percent(one["mean"])
        rows.append(
            ("Over participants: t test", whom, mean, interval, f"{p_value(one['p'])} (t = {number(one['t'], 2)})")
        )
        rows.append(
            (
                "Over participants: sign flips",
                whom,
                mean,
                DASH,
                f"{p_value(one['p_flip'])} (at least {p_value(one['smallest_p_flip'])})",
            )
        )
    if one := people.get("pooled"):
        hits = f"{one['correct']} of {several(one['count'], 'trial')}"
        rows.append(
            (
                "As if trials were independent" + _against(one["chance"]),
                hits,
                percent(one["accuracy"]),
                span(one["low"], one["high"]),
                p_value(one["p"]),
            )
        )
    if not rows:
        yield Words("There are too few participants with an answer for a test over participants.")
        return
    yield Table(
        "Other tests of these answers",
        ("test", "of", "score", "interval", "p, one-sided"),
        tuple(rows),
        (0, 1),
        "The verdict does not rest on these. Trials of one person or of one stimulus are not independent, so the last row is "
        f"too sure of itself.{_differ(people.get('differ') or {})}",
    )


def _against(chance: float) -> str:
    return "" if chance <= 0.5 else f", against always answering the larger class, {percent(chance)}"


def _differ(found: Numbers) -> str:
    if not known(found.get("sd")):
        return ""
    more = "more than" if found["p"] <= ALPHA else "not shown to be more than"
    return (
        f" How far participants differ in it is {more} chance would have it (p = {p_value(found['p'])}; beyond chance, a "
        f"standard deviation of {points(found['sd']).removeprefix('+')} points between them)."
    )


def _details(numbers: Numbers) -> Iterator[Block]:
    available = [one for one in numbers["protocols"] if one["available"]]
    if not available:
        return
    metrics = Table(
        "Metrics by protocol: mean over seeds, and sd between them",
        ("metric", *(_name(one, numbers) for one in available)),
        tuple((words, *(_metric(one["metrics"][name]) for one in available)) for name, words in METRICS.items()),
    )
    yield Fold("All metrics, and which class was taken for which", (metrics, _confusion(numbers)))


def _metric(value: Numbers) -> str:
    return number(value["mean"]) + (f" ± {number(value['sd'])}" if known(value["sd"]) else "")


def _confusion(numbers: Numbers) -> Table:
    names, counts = numbers["class_names"], of_verdict(numbers)["metrics"]["confusion"]
    return Table(
        "Trials by class and answer, by the protocol of the verdict, mean over seeds",
        ("class", *(f"answered {name}" for name in names)),
        tuple((name, *(count(value) for value in row)) for name, row in zip(names, counts, strict=True)),
    )
