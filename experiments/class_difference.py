"""Do the interval of the class difference and the test of the time course keep what they promise? Studies with known truth.

    python experiments/class_difference.py                 # all tables of docs/statistics.md, 1000 studies a row
    python experiments/class_difference.py --studies 100   # a quick look

Courses of P participants and S stimuli, half of either class: level of the participant, slow course of the participant's
response, the participant's own class effect, slow course of the stimulus, slow noise of the trial. The class effect that is the
same for all is 0, or `effect`. Every proportion is followed by its standard error (binomial). NumPy and SciPy only.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tyro
from simulated_rates import heading, proportion, row, rule

from smilejax.evaluation.class_difference import contrast, course_test, crossed_difference
from smilejax.splits.study_design import Design

Floats = npt.NDArray[np.float64]
STEPS = 40
TIME_MS = np.arange(STEPS) * 250.0


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 1000
    """Simulated studies in each row."""
    draws: int = 500
    """Bootstrap draws."""
    permutations: int = 199
    """Permutations of each test of a time course."""
    seed: int = 0
    """Everything random follows from it."""


@dataclass(frozen=True)
class Made:
    """P participants who watch each of S stimuli once; standard deviations in mm of what differs."""

    participants: int
    stimuli: int
    sd_slope: float
    sd_stimulus: float
    sd_noise: float = 0.2
    missing: float = 0.05
    recorded: bool = True

    @property
    def codes(self) -> tuple[npt.NDArray[np.int32], ...]:
        """Class, participant and stimulus of each trial."""
        participant = np.repeat(np.arange(self.participants, dtype=np.int32), self.stimuli)
        stimulus = np.tile(np.arange(self.stimuli, dtype=np.int32), self.participants)
        return stimulus % 2, participant, stimulus if self.recorded else np.full(len(stimulus), -1, np.int32)

    def trials(self, effect: float, rng: np.random.Generator) -> Floats:
        """`f64[N, T]`, NaN in trials that are missing."""
        y, participant, _ = self.codes
        stimulus = np.tile(np.arange(self.stimuli), self.participants)
        x = (
            rng.normal(0, 0.5, self.participants)[participant][:, None]
            + slow(self.participants, 0.2, rng)[participant]
            + y[:, None] * slow(self.participants, self.sd_slope, rng)[participant]
            + slow(self.stimuli, self.sd_stimulus, rng)[stimulus]
            + slow(len(y), self.sd_noise, rng)
            + effect * y[:, None]
        )
        x[rng.random(len(y)) < self.missing] = np.nan
        return x

    def __str__(self) -> str:
        words = f"{self.participants} x {self.stimuli}" + ("" if self.recorded else ", stimuli unknown")
        return f"{words} | {self.sd_slope:g} / {self.sd_stimulus:g} / {self.sd_noise:g}"


def slow(rows: int, sd: float, rng: np.random.Generator) -> Floats:
    """`f64[rows, T]`, courses with this standard deviation: half of its variance is a level, half an autoregression of .9."""
    steps = rng.normal(0, np.sqrt(1 - 0.9**2), (rows, STEPS))
    steps[:, 0] = rng.normal(size=rows)
    for at in range(1, STEPS):
        steps[:, at] += 0.9 * steps[:, at - 1]
    return sd * np.sqrt(0.5) * (steps + rng.normal(size=(rows, 1)))


DESIGNS = [
    *(Made(*size, *sds) for size in ((8, 8), (11, 19), (20, 20)) for sds in ((0.05, 0.1), (0.05, 0.0), (0.1, 0.02))),
    Made(11, 19, 0.0, 0.0),
    Made(20, 20, 0.05, 0.0, recorded=False),
]


def main(args: Arguments) -> None:
    """Print both tables."""
    intervals(args)
    course_tests(args)


def intervals(args: Arguments) -> None:
    """Coverage of the interval over participants and stimuli, and of the t interval over participants."""
    heading("Coverage of 95% intervals of the class difference, and their mean width in mm", args.studies)
    row("participants x stimuli", "sd of participants' effect / stimuli / noise", "**in use**", "t over participants")
    rule(4)
    for design in DESIGNS:
        y, participant, stimulus = design.codes
        found = []
        for rng in generators(args):
            x = design.trials(0.0, rng)
            valid = np.isfinite(x)
            one = crossed_difference(
                x, valid, y, participant, stimulus, draws=args.draws, seed=int(rng.integers(2**32))
            ).interval
            own = contrast(np.nan_to_num(x), valid, y, participant, TIME_MS, (0.0, 1e9), "participants").whole
            found.append([one.low, one.high, own.low, own.high])
        low, high, own_low, own_high = np.array(found, np.float64).T
        row(
            str(design),
            f"{proportion((low <= 0) & (high >= 0))}, {np.nanmean(high - low):.2f}",
            f"{proportion((own_low <= 0) & (own_high >= 0))}, {np.nanmean(own_high - own_low):.2f}",
        )


def course_tests(args: Arguments) -> None:
    """How often a test of the time course is significant, labels exchanged among stimuli or as if these were unknown."""
    few = max(args.studies // 2, 1)
    heading("Time courses significant at .05", few)
    row(
        "participants x stimuli",
        "sd of participants' effect / stimuli / noise",
        "labels among stimuli",
        "signs of participants' differences",
        "**in use: both**",
        "in use, effect of .1 mm",
    )
    rule(6)
    for design in DESIGNS:
        found = []
        for rng in generators(args, few):
            nothing, something = design.trials(0.0, rng), design.trials(0.1, rng)
            seed = int(rng.integers(2**32))
            (among, signs), with_effect = ps_of(nothing, design, args, seed), ps_of(something, design, args, seed)
            found.append([among, signs, max(among, signs), max(with_effect)])
        row(str(design), *(proportion(one <= 0.05) for one in np.array(found).T))


def ps_of(x: Floats, design: Made, args: Arguments, seed: int) -> tuple[float, float]:
    """p with labels exchanged among stimuli, and p by the signs of participants' differences; the latter twice without them."""
    y, participant, stimulus = design.codes
    smiler = np.full(len(y), -1, np.int32)
    made = Design(y, np.isfinite(x).any(1), participant, stimulus, smiler, ("a", "b"))
    found = course_test(x, np.isfinite(x), made, permutations=args.permutations, seed=seed)
    return found.test.p, (found.participants or found.test).p


# ------------------------------------------------------------------------------------------------------------ writing


def generators(args: Arguments, studies: int | None = None) -> "list[np.random.Generator]":
    """One for each study."""
    return [np.random.default_rng((args.seed, study)) for study in range(studies or args.studies)]


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
