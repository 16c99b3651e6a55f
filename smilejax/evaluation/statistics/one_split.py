"""How sure one can be of the hits of one split, were its trials independent; and whether people show that they are not."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(frozen=True)
class SplitScore:
    """Hits on the held-out trials of one split.

    Arguments:
        correct, count: trials answered right, and scored.
        low, high: Wilson 95 % interval of the accuracy.
        p: exact one-sided binomial probability of at least as many hits by chance.
        chance: probability of a hit by chance.
    """

    correct: int
    count: int
    low: float
    high: float
    p: float
    chance: float = 0.5

    @property
    def accuracy(self) -> float:
        """Share of hits."""
        return self.correct / self.count


def split_score(correct: int, count: int, *, chance: float = 0.5) -> SplitScore:
    """Interval and p of one split, as if its trials were independent.

    They are not where several come from one participant: at a between-person standard deviation of .2 this interval covers
    78 % instead of 95 %, and the test errs in 12.7 % instead of 5 %. It is a lower bound of the doubt. Whether participants
    differ so in a split says `participants_differ`.

    Arguments:
        chance: probability of a hit where nothing was learnt, above 0 and at most 1: a coin's, or of unequal classes the share
            of the larger, which is what always answering it gives.

    Raises:
        ValueError: count below 1, correct outside 0..count, or a chance that is none.
    """
    from scipy.stats import binomtest  # half a second

    test = binomtest(correct, count, chance, alternative="greater")
    interval = binomtest(correct, count, 0.5).proportion_ci(0.95, method="wilson")
    return SplitScore(correct, count, float(interval.low), float(interval.high), float(test.pvalue), chance)


@dataclass(frozen=True)
class Differing:
    """How far participants differ in their shares of hits.

    Arguments:
        people: how many have a trial.
        sd: between them, beyond what chance in their trials does; by moments, 0 where they differ less than that, NaN where
            it cannot be told: one person, one trial each, all hits or none.
        p: of hits dealt at random among all trials, how often shares differ as much (Pearson's chi-square) or more; 1 where
            it cannot be told.
    """

    people: int
    sd: float
    p: float


def participants_differ(
    hits: Bool[np.ndarray, " N"], participant: Int[np.ndarray, " N"], *, draws: int = 9999, seed: int = 0
) -> Differing:
    """Whether some participants are answered right more often than others by more than chance.

    Where they are, trials are not independent, and `split_score` is too sure of itself. With few people or trials a
    difference can be there and not show.

    Arguments:
        hits: whether each trial was answered right. participant: codes; trials with a negative one are left out.
        draws: of hits among trials, with all margins kept, the observed one added to them. seed: of these.

    Example:
        >>> import numpy as np
        >>> people = np.repeat(np.arange(4), 10)
        >>> found = participants_differ(np.arange(40) % 10 < np.array([9, 3, 8, 4])[people], people)
        >>> found.people, round(found.sd, 2), found.p < 0.05
        (4, 0.25, True)
    """
    hits, participant = hits[participant >= 0], participant[participant >= 0]
    of = np.unique(participant, return_inverse=True)[1]
    trials = np.bincount(of)
    people, count, correct = len(trials), len(hits), int(hits.sum())
    if people < 2 or people == count or correct in (0, count):
        return Differing(people, math.nan, 1.0)
    share = correct / count
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(trials, correct, draws)
    right = np.concatenate([np.bincount(of, hits)[None], drawn])
    chi2 = _chi2(right, trials, share)
    p = float((chi2 >= chi2[0] * (1 - 1e-9)).mean())
    # DerSimonian and Laird's estimate of the variance between, with the pooled variance of a trial.
    between = share * (1 - share) * (chi2[0] - (people - 1)) / (count - (trials**2).sum() / count)
    return Differing(people, math.sqrt(max(0.0, between)), p)


def _chi2(right: Float[np.ndarray, "D P"], trials: Int[np.ndarray, " P"], share: float) -> Float[np.ndarray, " D"]:
    return ((right - trials * share) ** 2 / (trials * share * (1 - share))).sum(1)
