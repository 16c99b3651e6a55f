"""Numbers of results as sentences hold them: whole percents, points, intervals. No JAX in here."""

from smilejax.evaluation.study.score_results import ClassifierScores, ScoreInterval


def percent(share: float | None, digits: int = 0) -> str:
    """A share in percent.

    Example:
        >>> percent(0.8328), percent(0.8328, 1), percent(None)
        ('83%', '83.3%', '-')
    """
    return "-" if share is None else f"{100 * share:.{digits}f}%"


def points(difference: float | None) -> str:
    """A difference of shares in percentage points.

    Example:
        >>> points(-0.0001), points(0.155)
        ('0.0', '15.5')
    """
    return "-" if difference is None else f"{round(100 * difference, 1) + 0.0:.1f}"  # and not -0.0


def interval_words(interval: ScoreInterval) -> str:
    """The interval of a score: "95% interval 71% to 89%"."""
    if interval.low is None:
        return "no interval"
    return f"{100 * interval.level:g}% interval {percent(interval.low)} to {percent(interval.high)}"


def difference_words(scores: ClassifierScores) -> str:
    """The network's difference to a classifier: "difference 4.2 points, -3.0 to 11.4"."""
    difference = scores.difference
    between = "" if difference.low is None else f", {points(difference.low)} to {points(difference.high)}"
    return f"difference {points(difference.estimate)} points{between}"


def above_chance(interval: ScoreInterval) -> bool:
    """Whether an interval lies above 50 %; where every prediction is correct there is none."""
    return bool(interval.estimate == 1.0 if interval.low is None else interval.low > 0.5)


def several(count: int, one: str, many: str = "") -> str:
    """How many of what: "1 seed", "2 seeds"."""
    return f"{count} {one if count == 1 else many or one + 's'}"
