"""Predictions of several participants (observers) of one stimulus averaged."""

from smilejax._util.number_text import known
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import SeveralObservers
from smilejax.report.formatting import count, percent, span
from smilejax.report.page_parts import Blocks, Figure, Key, Section, Table, thinned
from smilejax.report.plotly_figures import MUTED, ONE, SHARES, axis, band, horizontal_line, line, spec


def _rows(record: StudyRecord) -> list[SeveralObservers]:
    return [row for row in record.results.several_observers if known(row.balanced_accuracy)]


def _missing(record: StudyRecord) -> str:
    return "" if _rows(record) else "it takes predictions, and the stimulus of each trial."


def _blocks(record: StudyRecord) -> Blocks:
    rows = _rows(record)
    x = [float(row.observers) for row in rows]
    scores = [row.balanced_accuracy or 0.0 for row in rows]
    low, high = [row.low for row in rows], [row.high for row in rows]
    drawn = line(x, scores, ONE, "balanced accuracy", "%{y:.1%}")
    few = any(not known(row.low) for row in rows)
    remark = (
        " Where every stimulus is classified correctly, or all groups agree, the data allow no interval." if few else ""
    )
    figure = Figure(
        "observers-curve",
        "Balanced accuracy by number of observers",
        "The predicted probabilities of k observers of one stimulus are averaged, and the average classifies the stimulus; "
        f"over all groups of k observers, or random ones where there are too many. Band: {percent(record.results.level, 0)} "
        f"interval over stimuli.{remark} Dashed: chance level.",
        f"One observer: {percent(scores[0])}. {count(rows[-1].observers)} observers: {percent(scores[-1])}.",
        spec(
            [band(x, low, high, ONE), {**drawn, "mode": "lines+markers", "marker": {"size": 8, "color": ONE.color}}],
            hovermode="x unified",
            xaxis=axis("observers", dtick=max(1, round(len(rows) / 10)), tick0=0, hoverformat="d"),
            yaxis=axis("balanced accuracy", range=[min(0.4, *scores), 1.02], **SHARES),
            shapes=[horizontal_line(0.5)],
        ),
        (_table(rows),),
        (ONE.key(record.results.the_judged, marker=True, band=True), Key("chance level", MUTED, "7 4")),
        height=320,
    )
    return (figure,)


OBSERVERS = Section(
    "observers", "Several observers of one stimulus", "Several observers", _blocks, _missing, of_watchers=True
)


def _interval(row: SeveralObservers) -> str:
    """The interval over stimuli, or why there is none."""
    if known(row.low):
        return span(row.low, row.high)
    if row.balanced_accuracy == 1.0:
        return f"none: all {row.stimuli} stimuli correct, no variation"
    return "none: too few stimuli, or no variation between them"


def _table(rows: list[SeveralObservers]) -> Table:
    shown, note = thinned(len(rows), "numbers of observers")
    return Table(
        "Balanced accuracy with k observers",
        ("observers", "balanced accuracy", "interval", "stimuli", "stimuli with fewer observers", "groups"),
        tuple(
            (
                count(rows[i].observers),
                percent(rows[i].balanced_accuracy),
                _interval(rows[i]),
                count(rows[i].stimuli),
                count(rows[i].fewer_observers),
                "all" if rows[i].all_groups else "random",
            )
            for i in shown
        ),
        note=note,
    )
