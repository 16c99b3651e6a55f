"""What a stimulus table, or the lack of one, means for a verdict, in words. No JAX in here."""

from collections.abc import Iterator

from smilejax._util.errors import listed
from smilejax._util.number_text import p_words
from smilejax.evaluation.study.covariate_results import CovariateOfClass, CovariateResult
from smilejax.evaluation.study.study_results import StudyResults

LARGE_DIFFERENCE = 0.8
"""From this standardised difference on, the classes differ strongly in a covariate (Cohen 1988: large)."""
LARGE_V = 0.5
"""From this Cramér's V on, likewise (Cohen 1988: w = .5 is large, which V is of two classes)."""
MOST_WORDS = 3
"""More words than this are not listed in a sentence (our choice)."""


def covariate_limits(results: StudyResults) -> Iterator[str]:
    """For each covariate in which the classes differ strongly, that class cannot be distinguished from it; or, where the
    stimuli of the classes differ in what was not given, that."""
    for one in results.covariates:
        if one.separated:
            yield f"{_separated(one)}: the study cannot separate class from {one.name}."
        elif strongly_associated(one):
            yield f"{_associated(one)}: the study can hardly separate class from {one.name}."
    unsaid = not results.about.simulated and not results.data.confounded  # which says that the stimuli differ
    if results.about.stimulus_table is None and unsaid and stimuli_within_classes(results):
        yield (
            "Each stimulus has one class, and no stimulus table was given: what else differs between the "
            "stimuli of the classes, such as luminance or source, cannot be distinguished from class."
        )


def strongly_associated(one: CovariateResult) -> bool:
    """Whether the classes differ strongly in a covariate, whatever its p: with few stimuli a p shows little."""
    return abs(one.standardised_difference or 0.0) >= LARGE_DIFFERENCE or (one.cramers_v or 0.0) >= LARGE_V


def stimuli_within_classes(results: StudyResults) -> bool:
    """Whether stimuli were recorded and each was scored with one class only."""
    scored = [one for one in results.stimuli if one.scored]
    return bool(scored) and all(min(one.scored_by_class.values()) == 0 for one in scored)


def _separated(one: CovariateResult) -> str:
    """The values of the two classes, the second class first, as it is the one that is looked for."""
    (first, of_first), (second, of_second) = one.classes.items()
    ours, theirs = _values(of_second), _values(of_first)
    if _single(of_first) and _single(of_second):
        return f"The covariate {one.name} is {ours} for every stimulus of {second} and {theirs} for every stimulus of {first}"
    if one.kind == "words":
        return f"No word of the covariate {one.name} is that of stimuli of both classes ({second}: {ours}; {first}: {theirs})"
    return f"The covariate {one.name} is {ours} for stimuli of {second} and {theirs} for stimuli of {first}, without overlap"


def _associated(one: CovariateResult) -> str:
    (first, of_first), (second, of_second) = one.classes.items()
    p = "" if one.p is None else f"; permutation test over stimuli, p = {p_words(one.p)}"
    if one.kind == "words":
        return (
            f"The covariate {one.name} differs between the classes ({second}: {_counts(of_second)}; {first}: "
            f"{_counts(of_first)}; Cramér's V = {one.cramers_v:.2f}{p})"
        )
    return (
        f"The covariate {one.name} is {covariate_number(of_second.mean)} on average for stimuli of {second} and "
        f"{covariate_number(of_first.mean)} for those of {first} (standardised difference "
        f"{one.standardised_difference:+.2f}{p})"
    )


def _single(part: CovariateOfClass) -> bool:
    return len(part.words) == 1 if part.words else part.low == part.high


def _values(part: CovariateOfClass) -> str:
    if part.words:
        return listed((f"{word}" for word in part.words), MOST_WORDS)
    if part.low == part.high:
        return covariate_number(part.low)
    return f"{covariate_number(part.low)} to {covariate_number(part.high)}"


def _counts(part: CovariateOfClass) -> str:
    return listed((f"{count} {word}" for word, count in part.words.items()), MOST_WORDS)


def covariate_number(value: float | None) -> str:
    """A number of a covariate, in four digits."""
    return "-" if value is None else f"{value:.4g}"
