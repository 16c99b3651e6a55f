"""Calibration: whether predicted probabilities agree with how often the class occurs."""

from collections.abc import Iterator
from dataclasses import dataclass

from smilejax._util.number_text import known, several
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import CalibrationBin, CalibrationResult, CalibrationScores
from smilejax.report.formatting import count, number, percent, sentence
from smilejax.report.page_parts import Block, Blocks, Figure, Key, Section, Table, Words
from smilejax.report.plotly_figures import (
    DIAGONAL,
    MUTED,
    ONE,
    OTHER,
    SHARES,
    SYMBOLS,
    PlotlyTrace,
    Style,
    axis,
    line,
    shortened,
    spec,
    whiskers,
)


@dataclass(frozen=True)
class _Part:
    """One set of probabilities: its name, its look, its scores."""

    words: str
    style: Style
    scores: CalibrationScores


def _parts(calibration: CalibrationResult) -> list[_Part]:
    both = (("as trained", OTHER, calibration.as_trained), ("after temperature scaling", ONE, calibration.scaled))
    return [_Part(words, style, scores) for words, style, scores in both if scores is not None]


def _missing(record: StudyRecord) -> str:
    return "" if _parts(record.results.calibration) else "there are no predictions of labelled trials."


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    calibration, parts = results.calibration, _parts(results.calibration)
    blocks: list[Block] = []
    if calibration.why_not:
        blocks.append(Words(f"No temperature was fitted: {sentence(calibration.why_not)}"))
    blocks += [
        _reliability(results.class_names[1], parts),
        _errors(parts),
        *_temperature(calibration, results.the_judged),
    ]
    return tuple(blocks)


CALIBRATION = Section("calibration", "Calibration", "Calibration", _blocks, _missing)


def _temperature(calibration: CalibrationResult, judged: str) -> Iterator[Words]:
    found = calibration.temperature
    if found is None:
        return
    folds = [value for value in found.folds if value is not None]
    spread = f" (from {number(min(folds), 2)} to {number(max(folds), 2)})" if folds else ""
    if found.helps:
        used = (
            f"Scaling made neither log loss nor Brier score of the out-of-fold predictions worse, so that the final model uses "
            f"the median temperature, {number(found.final, 2)}."
        )
    else:
        used = (
            "Scaling made log loss or Brier score of the out-of-fold predictions worse, so that the final model is not scaled: "
            f"its temperature is {number(found.final, 0)} (median of the folds: {number(found.median, 2)})."
        )
    yield Words(
        f"The temperature of each fold was fitted on its own validation trials{spread}. Above 1 {judged} was overconfident, "
        f"below 1 underconfident. {used}"
    )


def _reliability(second: str, parts: list[_Part]) -> Figure:
    return Figure(
        "reliability",
        "Reliability diagram",
        f"Trials in ten bins by their predicted probability of {second}, against the proportion of {second} among them. "
        "Probabilities are those of the ensemble (the mean over seeds), all folds together. Well calibrated probabilities lie "
        "on the dashed diagonal. Larger marks stand for more trials.",
        f"Reliability diagram. {' '.join(f'The calibration error {p.words} is {number(p.scores.error)}.' for p in parts)}",
        spec(
            [_marks(part) for part in parts],
            xaxis=axis(f"mean probability of {shortened(second)}", range=[-0.04, 1.04], **SHARES),
            yaxis=axis(f"proportion of {shortened(second)}", range=[-0.06, 1.06], **SHARES),
            shapes=[{**DIAGONAL, "layer": "below"}],
        ),
        tuple(_bins_table(part.scores.bins, f"Reliability, {part.words}", second) for part in parts),
        (*(part.style.key(part.words, marker=True) for part in parts), Key("well calibrated", MUTED, "7 4")),
        height=420,
        width=520,
    )


def _marks(part: _Part) -> PlotlyTrace:
    shown = [one for one in part.scores.bins if one.count]
    most = max((one.count for one in shown), default=1)
    x, y = [one.mean_probability for one in shown], [one.proportion for one in shown]
    return {
        **line(x, y, part.style, part.words, "%{y:.1%} of %{text}", width=1.4),
        "mode": "lines+markers",
        "text": [several(one.count, "trial") for one in shown],
        # Areas, not diameters, are in proportion to numbers of trials.
        "marker": {
            "opacity": 1,
            "color": part.style.color,
            "symbol": SYMBOLS[part.style.marker],
            "size": [6 + 12 * (one.count / most) ** 0.5 for one in shown],
            "line": {"width": 2, "color": part.style.color},
        },
    }


def _bins_table(bins: tuple[CalibrationBin, ...], caption: str, second: str) -> Table:
    return Table(
        caption,
        ("probability", "trials", "mean probability", f"proportion of {second}"),
        tuple(
            (
                f"{percent(one.low, 0)} to {percent(one.high, 0)}",
                count(one.count),
                percent(one.mean_probability),
                percent(one.proportion),
            )
            for one in bins
        ),
    )


def error_in_words(scores: CalibrationScores) -> str:
    """The calibration error beside that of a perfectly calibrated model, in words."""
    if not (known(scores.error) and known(scores.null_low) and known(scores.null_high)):
        return f"{number(scores.error)}"
    error, high = scores.error or 0.0, scores.null_high or 0.0
    within = "within its middle 95%" if error <= high else "above its middle 95%"
    return (
        f"{number(scores.error)}; a perfectly calibrated model shows {number(scores.null_median)} at the median "
        f"({number(scores.null_low)} to {number(scores.null_high)}), so that this is {within}"
    )


def _errors(parts: list[_Part]) -> Figure:
    places = list(range(len(parts)))
    low, high = [p.scores.null_low for p in parts], [p.scores.null_high for p in parts]
    errors = " ".join(f"{sentence(part.words)[:-1]}: {error_in_words(part.scores)}." for part in parts)
    return Figure(
        "calibration-error",
        "Calibration error",
        "Expected calibration error: the mean distance between probability and proportion, weighted by trials. With so few "
        "trials even a perfectly calibrated model shows some: the grey band is the middle 95% of what it would show with these "
        f"probabilities, the upright line its median. {errors}",
        f"Calibration error. {errors}",
        spec(
            [
                whiskers(low, high, places, "var(--bar)", 16.0),
                *(trace for at, part in enumerate(parts) for trace in _error_marks(at, part)),
            ],
            xaxis=axis("calibration error", rangemode="tozero", nticks=6),
            yaxis=axis(range=[len(parts) - 0.5, -0.7], showticklabels=False, ticks="", showgrid=False),
            annotations=[_name(at, part.words) for at, part in enumerate(parts)],
        ),
        (_errors_table(parts),),
        (
            *(Key(p.words, p.style.color, marker=p.style.marker, line=False) for p in parts),
            Key("perfectly calibrated model", "var(--bar)", wide=10.0),
        ),
        height=90 + 50 * len(parts),
    )


def _errors_table(parts: list[_Part]) -> Table:
    rows = []
    for part in parts:
        one = part.scores
        values = (one.error, one.null_median, one.null_low, one.null_high, one.log_loss, one.brier)
        rows.append((part.words, *map(number, values)))
    head = ("probabilities", "error", "perfect model: median", "low", "high", "log loss, nats", "Brier score")
    return Table("Calibration error, log loss and Brier score", head, tuple(rows))


def _error_marks(at: int, part: _Part) -> Iterator[PlotlyTrace]:
    color = part.style.color
    base = {"type": "scatter", "mode": "markers", "y": [at], "hovertemplate": "%{x:.3f}"}
    yield {
        **base,
        "x": [part.scores.null_median],
        "name": "perfectly calibrated, median",
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": MUTED}},
    }
    look = {"symbol": SYMBOLS[part.style.marker], "size": 12, "color": color, "line": {"width": 2, "color": color}}
    yield {**base, "x": [part.scores.error], "name": part.words, "marker": look}


def _name(at: int, words: str) -> PlotlyTrace:
    where = {"xref": "paper", "x": 0, "xanchor": "left", "y": at, "yanchor": "bottom", "yshift": 9}
    return {**where, "text": words, "showarrow": False, "font": {"size": 12, "color": MUTED}}
