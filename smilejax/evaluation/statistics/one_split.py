"""The accuracy of one split as if its trials were independent; and whether participants show that they are not."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(frozen=True)
class SplitScore:
    """Accuracy on the held-out trials of one split.

    Arguments:
        correct, count: trials classified correctly, and scored.
        low, high: Wilson 95% interval of the accuracy.
        p: exact one-sided binomial probability of at least as many correct by chance.
        chance: probability that a trial is classified correctly by chance.
    """

    correct: int
    count: int
    low: float
    high: float
    p: float
    chance: float = 0.5

    @property
    def accuracy(self) -> float:
        """Proportion classified correctly."""
        return self.correct / self.count


def split_score(correct: int, count: int, *, chance: float = 0.5) -> SplitScore:
    """Interval and p of one split, as if its trials were independent.

    They are not where several come from one participant: at a standard deviation of .2 between participants this interval
    covers 78% instead of 95%, and the test errs in 12.7% instead of 5%. `participants_differ` says whether participants
    differ in a split.

    Arguments:
        chance: probability that a trial is classified correctly where nothing was learnt, above 0 and at most 1: .5, or of
            unequal classes the share of the larger, which is the accuracy of always predicting it.

    Raises:
        ValueError: count below 1, correct outside 0..count, or a chance that is none.
    """
    from scipy.stats import binomtest  # half a second

    test = binomtest(correct, count, chance, alternative="greater")
    interval = binomtest(correct, count, 0.5).proportion_ci(0.95, method="wilson")
    return SplitScore(correct, count, float(interval.low), float(interval.high), float(test.pvalue), chance)


@dataclass(frozen=True)
class Differing:
    """How far participants differ in accuracy.

    Arguments:
        participants: how many have a trial.
        sd: between them, beyond sampling error; by moments, 0 where they differ less than that, NaN where it cannot be
            estimated: one participant, one trial each, all correct or none.
        p: with correct predictions assigned at random among all trials, how often accuracies differ as much (Pearson's
            chi-square) or more; 1 where it cannot be estimated.
    """

    participants: int
    sd: float
    p: float


def participants_differ(
    hits: Bool[np.ndarray, " N"], participant: Int[np.ndarray, " N"], *, draws: int = 9999, seed: int = 0
) -> Differing:
    """Whether accuracy differs between participants by more than sampling error.

    Where it does, trials are not independent, and the interval of `split_score` is too narrow. With few participants or
    trials a difference can exist without being detected.

    Arguments:
        hits: whether each trial was classified correctly. participant: codes; trials with a negative one are left out.
        draws: random assignments of hits to trials, with all margins kept; the observed one is added to them. seed: of these.

    Example:
        >>> import numpy as np
        >>> participant = np.repeat(np.arange(4), 10)
        >>> found = participants_differ(np.arange(40) % 10 < np.array([9, 3, 8, 4])[participant], participant)
        >>> found.participants, round(found.sd, 2), found.p < 0.05
        (4, 0.25, True)
    """
    hits, participant = hits[participant >= 0], participant[participant >= 0]
    of = np.unique(participant, return_inverse=True)[1]
    trials = np.bincount(of)
    participants, count, correct = len(trials), len(hits), int(hits.sum())
    if participants < 2 or participants == count or correct in (0, count):
        return Differing(participants, math.nan, 1.0)
    share = correct / count
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(trials, correct, draws)
    hit_counts = np.concatenate([np.bincount(of, hits)[None], drawn])
    chi2 = _chi2(hit_counts, trials, share)
    p = float((chi2 >= chi2[0] * (1 - 1e-9)).mean())
    # DerSimonian and Laird's estimate of the variance between, with the pooled variance of a trial.
    between = share * (1 - share) * (chi2[0] - (participants - 1)) / (count - (trials**2).sum() / count)
    return Differing(participants, math.sqrt(max(0.0, between)), p)


def _chi2(hit_counts: Float[np.ndarray, "D P"], trials: Int[np.ndarray, " P"], share: float) -> Float[np.ndarray, " D"]:
    return ((hit_counts - trials * share) ** 2 / (trials * share * (1 - share))).sum(1)
