"""Do the intervals and tests keep what they promise? Simulated studies with known truth.

    python experiments/coverage.py                   # all tables of docs/statistics.md, 2000 studies a row
    python experiments/coverage.py --studies 200     # a quick look

Every proportion is followed by its standard error (binomial). NumPy and SciPy only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import tyro
from scipy import stats
from scipy.special import expit, ndtr, ndtri
from simulated_rates import heading, proportion, row, rule

from smilejax.evaluation.metrics import calibration_error, calibration_null, reliability
from smilejax.evaluation.statistics import (
    auc_of,
    balanced_accuracy_of,
    corrected_t,
    crossed_interval,
    crossed_interval_of,
    participant_scores,
    participant_test,
    split_score,
)

Floats = npt.NDArray[np.float64]
Bounds = tuple[Floats, Floats]
BLOCK = 100
"""Studies with the same bootstrap draws, for speed."""


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 2000
    """Simulated studies in each row."""
    draws: int = 2000
    """Bootstrap draws."""
    seed: int = 0
    """Everything random follows from it."""


@dataclass(frozen=True)
class Design:
    """P participants who watch each of S stimuli (half of either class) once, and what a correct classification depends on.

    The logit of a correct classification is `effect + participant + stimulus + bias * (2 y - 1)`, all but the effect normal
    with these standard deviations; a bias towards one class cancels in the mean over classes.
    """

    participants: int
    stimuli: int
    effect: float = 0.0
    sd_participants: float = 0.5
    sd_stimuli: float = 0.5
    sd_bias: float = 0.5
    recorded: bool = True

    @property
    def codes(self) -> tuple[npt.NDArray[np.int64], ...]:
        """Class, participant and stimulus of each trial."""
        participant = np.repeat(np.arange(self.participants), self.stimuli)
        stimulus = np.tile(np.arange(self.stimuli), self.participants)
        return stimulus % 2, participant, stimulus if self.recorded else np.full(len(stimulus), -1)

    @property
    def truth(self) -> float:
        """Expected proportion correct over all participants and stimuli, by quadrature."""
        x, w = np.polynomial.hermite_e.hermegauss(60)
        sd = np.sqrt(self.sd_participants**2 + self.sd_stimuli**2 + self.sd_bias**2)
        return float((w * expit(self.effect + sd * x)).sum() / w.sum())

    def correct(self, studies: int, rng: np.random.Generator) -> Floats:
        """`f64[studies, P * S]`, 1 where a trial is classified correctly, of one run."""
        side = 2 * (np.arange(self.stimuli) % 2) - 1
        logit = (
            self.effect
            + rng.normal(0, self.sd_participants, (studies, self.participants, 1))
            + rng.normal(0, self.sd_stimuli, (studies, 1, self.stimuli))
            + rng.normal(0, self.sd_bias, (studies, self.participants, 1)) * side
        )
        return (rng.random(logit.shape) < expit(logit)).astype(np.float64).reshape(studies, -1)

    def __str__(self) -> str:
        words = f"{self.participants} x {self.stimuli}" + ("" if self.recorded else ", stimuli unknown")
        return f"{words} | {self.effect:g} | {self.sd_participants:g} / {self.sd_stimuli:g} / {self.sd_bias:g}"


def no_stimuli(participants: int, trials: int, effect: float) -> Design:
    """Trials that have only the participant in common."""
    return Design(participants, trials, effect, sd_stimuli=0.0, recorded=False)


DESIGNS = [
    *(Design(*size, effect) for size in ((8, 6), (12, 10), (20, 20)) for effect in (0.0, 0.6)),
    *(no_stimuli(8, 12, effect) for effect in (0.0, 0.6)),
    *(Design(*size, 0.6, *sds) for size in ((8, 6), (20, 20)) for sds in ((0.0, 0.0, 0.0), (1.0, 1.0, 0.0))),
    Design(8, 6, 0.6, 1.0, 0.0, 0.0),
    Design(8, 6, 0.6, 0.0, 1.0, 0.0),
    *(Design(*size, 2.5) for size in ((8, 6), (20, 20))),
]


def main(args: Arguments) -> None:
    """Print all tables."""
    intervals(args)
    auc_intervals(args)
    pooled_or_by_participant(args)
    overlapping_folds(args)
    perfect_models(args)


# ---------------------------------------------------------------------------------------------------------- intervals


def intervals(args: Arguments) -> None:
    """Coverage of 95% intervals of the balanced accuracy, by method."""
    names = list(methods(DESIGNS[0], DESIGNS[0].correct(2, np.random.default_rng(0)), 50, 0))
    heading("Coverage of 95% intervals of the balanced accuracy, and their mean width", args.studies)
    row("participants x stimuli | effect | sd of participants / stimuli / bias", *names)
    rule(3 + len(names))
    for design in DESIGNS:
        found: dict[str, list[Floats]] = {name: [] for name in names}
        for studies, rng in blocks(args):
            values = design.correct(studies, rng)
            for name, (low, high) in methods(design, values, args.draws, int(rng.integers(2**32))).items():
                found[name].append(np.stack([(low <= design.truth) & (design.truth <= high), high - low]))
        cells = (np.concatenate(found[name], 1) for name in names)
        row(str(design), *(f"{proportion(c[0])}, {np.nanmean(c[1]):.2f}" for c in cells))


def methods(design: Design, values: Floats, draws: int, seed: int) -> dict[str, Bounds]:
    """Bounds of every study by the method in use, and by those it was chosen over."""
    y, participant, stimulus = design.codes
    chosen = crossed_interval(values, y, participant, stimulus, draws=draws, seed=seed)
    rng = np.random.default_rng(seed)
    statistic = balanced_accuracy_of(values, y)
    participants, stimuli = drawn(participant, y, draws, rng), drawn(stimulus, y, draws, rng)
    estimate, crossed, alone = (
        statistic(np.ones((1, len(y))))[0],
        statistic(participants * stimuli),
        statistic(participants),
    )
    few = min(design.participants, design.stimuli if design.recorded else design.participants)
    wide = stats.t.ppf((0.025, 0.975), few - 1)
    error = crossed.std(0, ddof=1)
    return {
        "**in use**": (chosen.low, chosen.high),
        "percentile": quantiles(crossed, (0.025, 0.975)),
        "expanded": quantiles(crossed, ndtr(np.sqrt(few / (few - 1)) * wide)),
        "BCa": bca(statistic, estimate, crossed, [participant, stimulus]),
        "t, crossed sd": (estimate + wide[0] * error, estimate + wide[1] * error),
        "participants' percentile": quantiles(alone, (0.025, 0.975)),
        "Wilson": wilson(values),
    }


def drawn(codes: npt.NDArray[np.int64], y: npt.NDArray[np.int64], draws: int, rng: np.random.Generator) -> Floats:
    """Weights of a plain bootstrap: n of n units, within classes where units have one class; ones where not recorded."""
    if (codes < 0).all():
        return np.ones((draws, len(codes)))
    by_class = [np.unique(codes[y == k]) for k in (0, 1)]
    strata = by_class if not np.intersect1d(*by_class).size else [np.unique(codes)]
    weights = np.zeros((draws, codes.max() + 1))
    for units in strata:
        weights[:, units] = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), draws)
    return weights[:, codes]


def quantiles(draws: Floats, at: npt.ArrayLike) -> Bounds:
    """Low and high of each study."""
    low, high = np.nanquantile(draws, at, axis=0)
    return low, high


def bca(
    statistic: Callable[[Floats], Floats], estimate: Floats, draws: Floats, axes: list[npt.NDArray[np.int64]]
) -> Bounds:
    """Efron's (1987) corrected and accelerated percentiles, the acceleration by leaving out participants and stimuli."""
    parts = []
    for codes in axes:
        if (codes >= 0).all():
            without = statistic((codes != np.unique(codes)[:, None]).astype(np.float64))
            parts.append(without.mean(0) - without)
    skew = np.concatenate(parts)
    with np.errstate(invalid="ignore"):
        a = np.nan_to_num((skew**3).sum(0) / (6 * (skew**2).sum(0) ** 1.5))
    z0 = ndtri(np.clip(((draws < estimate) + 0.5 * (draws == estimate)).mean(0), 1e-4, 1 - 1e-4))
    z = z0 + ndtri([[0.025], [0.975]])
    at = ndtr(z0 + z / (1 - a * z))
    columns = [np.quantile(draws[:, i], at[:, i]) for i in range(draws.shape[1])]
    low, high = np.transpose(columns)
    return low, high


def wilson(values: Floats) -> Bounds:
    """Wilson intervals, as if trials were independent."""
    n = values.shape[1]
    scores = [wilson_of(int(k), n) for k in values.sum(1)]
    low, high = np.transpose(scores)
    return low, high


@cache
def wilson_of(correct: int, count: int) -> tuple[float, float]:
    """Once for each number of correct trials."""
    score = split_score(correct, count)
    return score.low, score.high


def auc_intervals(args: Arguments) -> None:
    """Coverage of 95% intervals of the AUC: scores are class + participant + stimulus + noise, all normal."""
    few = max(args.studies // 2, 1)
    heading("Coverage of 95% intervals of the AUC, and their mean width", studies=few)
    row("participants x stimuli", "true AUC", "in use")
    rule(3)
    for participants, stimuli in ((8, 6), (12, 10), (20, 20)):
        for shift in (0.0, 0.8):
            y, participant, stimulus = Design(participants, stimuli).codes
            truth = float(stats.norm.cdf(shift / np.sqrt(2 * (0.25 + 0.25 + 1))))
            rng = np.random.default_rng(args.seed)
            found = []
            for _ in range(few):
                scores = (
                    shift * y + rng.normal(0, 0.5, participants)[participant] + rng.normal(0, 0.5, stimuli)[stimulus]
                )
                statistic = auc_of(scores + rng.normal(size=len(y)), y)
                i = crossed_interval_of(
                    statistic, y, participant, stimulus, draws=args.draws // 4 or 2, seed=rng, limits=(0.0, 1.0)
                )
                found.append((i.low <= truth <= i.high, i.high - i.low))
            inside, width = np.array(found).T
            row(f"{participants} x {stimuli}", f"{truth:.3f}", f"{proportion(inside)}, {np.nanmean(width):.2f}")


# -------------------------------------------------------------------------------------------------------------- tests


def pooled_or_by_participant(args: Arguments) -> None:
    """How often tests are significant at chance: 20 participants x 10 trials, whose own accuracies vary around .5."""
    heading(
        "Tests against chance at .05, one-sided: false positives; 20 participants x 10 trials, true mean .5",
        args.studies,
    )
    row(
        "sd between participants",
        "pooled binomial",
        "t over participants",
        "sign-flip over participants",
        "Wilson covers",
    )
    rule(5)
    y, participant = np.zeros(200, np.int64), np.repeat(np.arange(20), 10)
    for sd in (0.0, 0.1, 0.2):
        rng = np.random.default_rng(args.seed)
        found = []
        for _ in range(args.studies):
            own = np.clip(rng.normal(0.5, sd, 20), 0, 1)
            correct = (rng.random(200) < own[participant]).astype(np.float64)
            by_participant = participant_test(
                participant_scores(correct, y, participant, score="accuracy"), draws=1000, seed=rng
            )
            pooled, low, high = pooled_of(int(correct.sum()), 200)
            found.append((pooled <= 0.05, by_participant.p <= 0.05, by_participant.p_flip <= 0.05, low <= 0.5 <= high))
        row(f"{sd:g}", *(proportion(column) for column in np.transpose(found)))


@cache
def pooled_of(correct: int, count: int) -> tuple[float, float, float]:
    """Once for each number of correct trials."""
    score = split_score(correct, count)
    return score.p, score.low, score.high


def overlapping_folds(args: Arguments) -> None:
    """Two equally good models on the same 20 random splits of 100 trials: how often the difference is significant."""
    heading(
        "Two equal models on 20 random splits of 100 trials in 80 and 20: differences significant at .05", args.studies
    )
    row("plain t", "corrected t")
    rule(2)
    rng = np.random.default_rng(args.seed)
    found = []
    for _ in range(args.studies):
        difference = differences(rng)
        if np.ptp(difference) == 0:
            found.append((False, False))
            continue
        plain = stats.ttest_1samp(difference, 0.0).pvalue
        found.append((plain <= 0.05, corrected_t(difference, 80, 20).p <= 0.05))
    row(*(proportion(column) for column in np.transpose(found)))


def differences(rng: np.random.Generator, splits: int = 20) -> Floats:
    """Accuracy of one model minus the other's on each split: nearest class mean, each on five features of its own."""
    y = np.arange(100) % 2
    x = rng.normal(size=(100, 10)) + 0.4 * (2 * y[:, None] - 1)
    out = np.empty(splits)
    for i in range(splits):
        order = rng.permutation(100)
        train, test = order[:80], order[80:]
        scores = []
        for own in (slice(0, 5), slice(5, 10)):
            one, zero = (x[train[y[train] == k], own].mean(0) for k in (1, 0))
            predicted = (x[test, own] - (one + zero) / 2) @ (one - zero) > 0
            scores.append(np.mean(predicted == y[test]))
        out[i] = scores[0] - scores[1]
    return out


# -------------------------------------------------------------------------------------------------------- calibration


def perfect_models(args: Arguments) -> None:
    """The calibration error of a model whose probabilities are true, Beta(2, 2), in ten bins."""
    heading("Calibration error of a perfect model, ten bins", args.studies)
    row("trials", "mean", "middle 95%", "above the high end of its own null band", "mean, binned by the p of class 1")
    rule(5)
    for n in (35, 100, 500):
        rng = np.random.default_rng(args.seed)
        errors, above, by_class = [], [], []
        for study in range(args.studies):
            p = rng.beta(2, 2, n)
            y = (rng.random(n) < p).astype(np.int64)
            errors.append(calibration_error(p, y))
            if study < max(args.studies // 4, 1):
                above.append(errors[-1] > calibration_null(p, draws=500, seed=rng).high)
                table = reliability(p, y)
                by_class.append((table["count"] * (table["mean_p"] - table["share"]).abs()).sum() / n)
        low, high = np.quantile(errors, (0.025, 0.975))
        band = f"{low:.3f} to {high:.3f}"
        row(str(n), f"{np.mean(errors):.3f}", band, proportion(np.array(above)), f"{np.mean(by_class):.3f}")


# ------------------------------------------------------------------------------------------------------------ writing


def blocks(args: Arguments) -> Iterator[tuple[int, np.random.Generator]]:
    """Studies in blocks, each with a generator of its own."""
    for i, start in enumerate(range(0, args.studies, BLOCK)):
        yield min(BLOCK, args.studies - start), np.random.default_rng((args.seed, i))


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
