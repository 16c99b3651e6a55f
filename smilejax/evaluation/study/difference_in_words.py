"""The class difference and the test of the time course in words, no stronger than they are. No JAX in here."""

import math

from smilejax._util.number_text import known, ms_words, number, p_words, several, unit_words
from smilejax.evaluation.study.difference_results import SINGLE_FRAMES, ClassDifferenceResult, CourseTestScores
from smilejax.evaluation.study.score_results import IntervalUnits
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.recordings.face_measures import face_measure
from smilejax.recordings.kinds import PUPIL
from smilejax.recordings.wording import RECORDING_KINDS


def difference_in_words(results: StudyResults) -> tuple[str, ...]:
    """One sentence on the difference, one on the time course; empty for studies that are older than these."""
    found = results.class_difference
    if found is None:
        return ()
    return difference_of(results), course_sentence(found, results.alpha)


def difference_of(results: StudyResults) -> str:
    """`difference_sentence` of a study, which of faces names the measure, and no stimuli."""
    found, kind = results.class_difference, RECORDING_KINDS[results.about.recording]
    assert found is not None
    measure = "" if kind is PUPIL else f" in {face_measure(found.channel).words}"
    return difference_sentence(found, results.class_names, measure, stimuli=kind.watches)


def difference_sentence(
    found: ClassDifferenceResult, class_names: tuple[str, str], measure: str = "", *, stimuli: bool = True
) -> str:
    """The difference with its interval: "Class difference: real minus fake -0.012 mm (95% interval ...), 200 to 10000 ms."."""
    first, second = class_names
    interval, when = found.interval, difference_window_words(found)
    what = f"Class difference{measure}: {second} minus {first}"
    if interval.estimate is None:
        return f"{what} cannot be given: {found.why_no_interval}"
    digits = decimals(interval.estimate, interval.low, interval.high)
    value = f"{number(interval.estimate, f'.{digits}f')} {unit_words(found.unit)}"
    if interval.low is None or interval.high is None:
        return f"{what} {value}, {when}. It has no interval: {found.why_no_interval}"
    low, high = number(interval.low, f".{digits}f"), number(interval.high, f".{digits}f")
    over = sample_sizes_words(interval.units)
    words = f"{what} {value} ({100 * interval.level:g}% interval {low} to {high}, over {over}), {when}."
    if interval.units.stimuli or not stimuli:
        return words
    return f"{words} Stimuli are not known, so that the interval does not hold for other stimuli."


def course_sentence(found: ClassDifferenceResult, alpha: float) -> str:
    """What the test of the time course shows: that the classes differ somewhere, never where."""
    scores, when = found.course_test.scores, f"between {ms_words(found.from_ms)} and {ms_words(found.to_ms)} ms"
    if scores is None:
        return f"Time course: not tested, since {found.course_test.why_not}"
    made = f"cluster-based permutation test, p = {p_words(scores.p)}; labels exchanged {scores.where}"
    by_signs, smallest = scores.p_participants, scores.smallest_p
    if by_signs is not None:
        made += f"; p = {p_words(by_signs)} by the signs of participants' differences"
        smallest = max(smallest, scores.smallest_p_participants or 0.0)
    if smallest > alpha:
        return (
            f"Time course: whether the classes differ anywhere {when} cannot be judged ({made}; the smallest attainable p "
            f"is {p_words(smallest)})."
        )
    if scores.p > alpha:
        return f"Time course: no evidence that the classes differ anywhere {when} ({made})."
    if by_signs is not None and by_signs > alpha:
        return (
            f"Time course: the classes differ somewhere {when} in these participants, which is not shown for others ({made}). "
            "The test does not show at which times."
        )
    return f"Time course: the classes differ somewhere {when} ({made}). The test does not show at which times."


def difference_window_words(found: ClassDifferenceResult) -> str:
    """The window of time: "200 to 10000 ms"; where single frames are compared, that."""
    if found.course_test.why_not == SINGLE_FRAMES:
        return "in single frames"
    return f"{ms_words(found.from_ms)} to {ms_words(found.to_ms)} ms"


def sample_sizes_words(units: IntervalUnits) -> str:
    """What an interval is over: "11 participants and 19 stimuli"."""
    participants = several(units.participants, "participant")
    return f"{participants} and {several(units.stimuli, 'stimulus', 'stimuli')}" if units.stimuli else participants


def permutations_words(scores: CourseTestScores) -> str:
    """How many permutations there were, and whether they are all that exist."""
    if scores.all_permutations:
        return f"all {several(scores.permutations, 'permutation')} that exist"
    return several(scores.permutations, "permutation")


def decimals(estimate: float, low: float | None, high: float | None) -> int:
    """Decimals that give half the width of an interval two significant digits; of an estimate alone, itself.

    Example:
        >>> decimals(-0.0123, -0.0512, 0.0266), decimals(12.3, 1.0, 23.6), decimals(0.5, None, None)
        (3, 0, 2)
    """
    size = (high - low) / 2 if low is not None and high is not None else abs(estimate)
    if not known(size) or size <= 0:
        return 3
    return min(max(1 - math.floor(math.log10(size)), 0), 9)
