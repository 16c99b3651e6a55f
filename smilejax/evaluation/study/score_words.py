"""Scores as sentences hold them: with their intervals and differences. No JAX in here."""

from smilejax._util.number_text import percent, points, points_span
from smilejax.evaluation.study.score_results import ClassifierScores, ScoreInterval


def interval_words(interval: ScoreInterval) -> str:
    """The interval of a score: "95% interval 71% to 89%"."""
    if interval.low is None:
        return "no interval"
    return f"{100 * interval.level:g}% interval {percent(interval.low, 0)} to {percent(interval.high, 0)}"


def difference_words(scores: ClassifierScores) -> str:
    """The network's difference to a classifier: "difference 4.2 points, -3.0 to 11.4"."""
    difference = scores.difference
    between = "" if difference.low is None else f", {points_span(difference.low, difference.high, sign=False)}"
    return f"difference {points(difference.estimate, sign=False)} points{between}"


def above_chance(interval: ScoreInterval) -> bool:
    """Whether an interval lies above 50%; where every prediction is correct there is none."""
    return bool(interval.estimate == 1.0 if interval.low is None else interval.low > 0.5)
