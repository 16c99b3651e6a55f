"""Scores as sentences hold them: with their intervals and differences. No JAX in here."""

from smilejax._util.number_text import percent, points, points_span, several
from smilejax.evaluation.study.score_results import ClassifierResult, ClassifierScores, PermutationScores, ScoreInterval


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


def stopped_words(test: PermutationScores) -> str:
    """How many of the permutations a test needed and why it stopped, as a sentence; empty where it never stops early."""
    if not test.stop_after or test.stop_after > test.most:
        return ""
    if not test.stopped:
        return (
            f"All {several(test.most, 'permutation')} were used, since fewer than {test.stop_after} scored as high: p = "
            f"({test.at_least} + 1) / ({test.count} + 1)."
        )
    when = (
        f"after {test.count} of {several(test.most, 'permutation')}"
        if test.stopped_early
        else "with the last permutation"
    )
    return (
        f"The test stopped {when}, as soon as {test.stop_after} had scored as high: p = {test.at_least} / {test.count}, which "
        "is as exact as with all (Besag & Clifford 1991)."
    )


def own_permutations_words(
    classifiers: tuple[ClassifierResult, ...], own: PermutationScores | None, judged: str
) -> str:
    """That other classifiers were tested with more permutations than what is judged, as a sentence; empty where not."""
    tests = [one.scores.permutation_test for one in classifiers if one.scores is not None]
    most = max((one.test.count for one in tests if one is not None), default=0)
    if own is None or most <= own.count:
        return ""
    return f"Tests of other classifiers use all {several(most, 'permutation')}; {judged}'s stopped after {own.count}."


def above_chance(interval: ScoreInterval) -> bool:
    """Whether an interval lies above 50%; where every prediction is correct there is none."""
    return bool(interval.estimate == 1.0 if interval.low is None else interval.low > 0.5)


def p_words(p: float) -> str:
    """A p value as papers have it: three decimals, without a zero before the point; below .001 one digit.

    Example:
        >>> p_words(0.03125), p_words(0.125), p_words(1.0), p_words(0.0004), p_words(2e-6)
        ('.031', '.125', '1', '.0004', '2e-06')
    """
    return f"{p:.3f}".removeprefix("0").removesuffix(".000") if p >= 0.001 else f"{p:.1g}".removeprefix("0")
