"""The figure of all balanced accuracies with their intervals, beside chance."""

from collections.abc import Iterator
from dataclasses import dataclass

from smilejax._util.number_text import capitalised, known
from smilejax.evaluation.names import CLASSIFIER_KINDS
from smilejax.evaluation.study.score_results import ScoreInterval
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.report.formatting import DASH, percent
from smilejax.report.page_parts import Figure, Key, Table
from smilejax.report.plotly_figures import (
    INK,
    MUTED,
    NEGATIVE,
    ONE,
    OTHER,
    SHARES,
    SYMBOLS,
    PlotlyTrace,
    Style,
    axis,
    escaped,
    spec,
    whiskers,
)

ROW_PX, LABEL_PX = 62, 8
"""Height of a row, and the distance of its label from its line."""
LONGEST = 24
"""Labels with more letters stand on two lines: name and numbers then fit beside each other on a phone (360 px)."""


@dataclass(frozen=True)
class _Row:
    label: str
    interval: ScoreInterval
    style: Style
    first: bool = False


def score_figure(results: StudyResults) -> Figure | None:
    """Protocols and classifiers in rows; None where none of them has a score."""
    rows = _rows(results)
    if not rows:
        return None
    table = Table(
        "Balanced accuracy and its interval",
        ("classifier or protocol", "balanced accuracy", "low", "high"),
        (
            *(
                (row.label, *(percent(value) for value in (row.interval.estimate, row.interval.low, row.interval.high)))
                for row in rows
            ),
            ("Chance level", "50.0%", DASH, DASH),
        ),
    )
    kinds = {row.style for row in rows}
    keys = ((results.the_judged, ONE), ("reference classifiers", OTHER), ("negative controls", NEGATIVE))
    return Figure(
        "forest",
        "Protocols, reference classifiers and negative controls",
        f"{capitalised(results.the_judged)} by protocol (the verdict is about the one in bold), and other classifiers on "
        f"the trials of that protocol. Lines: {percent(results.level, 0)} intervals; where the data allow no interval "
        "there is none. Upright grey lines: chance level.",
        "Balanced accuracy: "
        + "; ".join(f"{row.label} {_numbers(row)}" for row in rows)
        + ". The chance level is 50%.",
        spec(
            [_chance(len(rows)), *_marks(rows)],
            xaxis=axis("balanced accuracy", range=[-0.02, 1.02], **SHARES),
            yaxis=axis(range=[len(rows) - 0.55, -0.75], showticklabels=False, ticks="", showgrid=False),
            annotations=list(_labels(rows)),
        ),
        (table,),
        (
            *(Key(name, style.color, marker=style.marker) for name, style in keys if style in kinds),
            Key("chance level", MUTED),
        ),
        height=70 + ROW_PX * len(rows),
    )


def _rows(results: StudyResults) -> list[_Row]:
    rows = [
        _Row(one.label, one.scores.interval, ONE, one.name == results.verdict_protocol)
        for one in results.protocols
        if one.scores is not None
    ]
    styles = dict(zip(CLASSIFIER_KINDS, (OTHER, NEGATIVE), strict=True))
    rows += [_Row(one.label, one.scores.interval, styles[one.kind]) for one in results.classifiers if one.scores]
    return [row for row in rows if known(row.interval.estimate)]


def _numbers(row: _Row) -> str:
    low, high = row.interval.low, row.interval.high
    text = percent(row.interval.estimate, 0)
    return f"{text} ({percent(low, 0).rstrip('%')} to {percent(high, 0)})" if known(low) and known(high) else text


def _chance(rows: int) -> PlotlyTrace:
    """A line at 50%, dashed by a gap where each row's label stands, so that it crosses none."""
    above, below = (LABEL_PX - 1) / ROW_PX, 0.28
    places = [place for at in range(rows) for place in (at - above, at + below, None)]
    look = {"color": MUTED, "width": 1.5}
    x = [None if place is None else 0.5 for place in places]
    return {"type": "scatter", "mode": "lines", "x": x, "y": places, "line": look, "hoverinfo": "skip"}


def _marks(rows: list[_Row]) -> Iterator[PlotlyTrace]:
    for style in (ONE, OTHER, NEGATIVE):
        own = [(at, row) for at, row in enumerate(rows) if row.style is style]
        if not own:
            continue
        y = [at for at, _ in own]
        yield whiskers([r.interval.low for _, r in own], [r.interval.high for _, r in own], y, style.color, 2.4)
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [row.interval.estimate for _, row in own],
            "y": y,
            "text": [escaped(row.label) for _, row in own],
            "hovertemplate": "%{text}: %{x:.1%}<extra></extra>",
            "marker": {
                "opacity": 1,
                "color": style.color,
                "symbol": SYMBOLS[style.marker],
                "size": [13 if row.first else 10 for _, row in own],
                "line": {"width": 2, "color": style.color},
            },
        }


def _labels(rows: list[_Row]) -> Iterator[PlotlyTrace]:
    """Each row's label above its line on the left, its numbers on the right."""
    for at, row in enumerate(rows):
        for text, place in ((_in_lines(row.label), "left"), (escaped(_numbers(row)), "right")):
            yield {
                "text": f"<b>{text}</b>" if row.first else text,
                "align": place,
                "xref": "paper",
                "x": 0 if place == "left" else 1,
                "xanchor": place,
                "y": at,
                "yanchor": "bottom",
                "yshift": LABEL_PX,
                "showarrow": False,
                "borderpad": 0,
                "font": {"size": 12, "color": INK if row.first else MUTED},
            }


def _in_lines(label: str) -> str:
    """A long label on two lines, cut at the space nearest to its middle."""
    spaces = [at for at, letter in enumerate(label) if letter == " "]
    if len(label) <= LONGEST or not spaces:
        return escaped(label)
    at = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return f"{escaped(label[:at])}<br>{escaped(label[at + 1 :])}"
