"""How the covariates of a stimulus table differ between the classes, typed as `study.json` holds it. No JAX in here."""

from collections.abc import Mapping
from dataclasses import dataclass

Number = float | None


@dataclass(frozen=True)
class CovariateOfClass:
    """A covariate over the stimuli of one class.

    Arguments:
        stimuli: how many. mean, sd, low, high: of numbers, sd with n - 1, least and greatest; None of words.
        words: number of stimuli with each word, the commonest first; empty of numbers.
    """

    stimuli: int
    mean: Number
    sd: Number
    low: Number
    high: Number
    words: Mapping[str, int]


@dataclass(frozen=True)
class CovariateResult:
    """One covariate by class.

    Arguments:
        name, kind: of the covariate; kind is `numbers` or `words`.
        classes: by the name of the class.
        constant: whether all stimuli have one value. separated: whether class follows from the covariate for every stimulus: no
            word of both classes, or ranges that do not overlap.
        standardised_difference: of numbers, the second class's mean minus the first's in pooled standard deviations, corrected
            for few stimuli (Hedges' g); None where there is no variation.
        cramers_v: of words, 0 (none) to 1, corrected for chance (Bergsma 2013); None where there is one word.
        p: permutation test over stimuli, two-sided; None where stimuli have trials of both classes, or all have one value.
            permutations: how many labellings of the stimuli it rests on. exact: whether these are all.
    """

    name: str
    kind: str
    classes: Mapping[str, CovariateOfClass]
    constant: bool
    separated: bool
    standardised_difference: Number
    cramers_v: Number
    p: Number
    permutations: int
    exact: bool
