"""Do intervals of trained classifiers hold what the classifier reaches? Simulated studies, network and combined classifier.

    python experiments/coverage_of_classifiers.py                       # 100 studies of each effect
    python experiments/coverage_of_classifiers.py --studies 30 --effects-mm 0 0.15 --out coverage.csv    # can be continued

`coverage.py` draws correct and wrong classifications from a known truth; here they are those of default classifiers, trained
once in each of nine folds (three blocks of participants, three of stimuli). The interval is that of `smilejax evaluate`, for
other participants and other stimuli. What it should hold is the mean balanced accuracy of a classifier trained on studies of
this design: the mean over all studies simulated here, known to its own standard error.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import tyro
from classifier_benchmark.problems import BLOCKS, Prepared
from classifier_benchmark.scores import COMBINED, NETWORK, network_scores
from common import proportion

import smilejax
from smilejax.evaluation.statistics import crossed_interval
from smilejax.recordings.recording import length_ms
from smilejax.splits import by_participant_and_stimulus

CLASSIFIERS = {NETWORK: "network", COMBINED: "combined"}
Key = tuple[float, int, str]


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 100
    """Simulated studies of each effect."""
    effects_mm: tuple[float, ...] = (0.0, 0.15, 0.3)
    """Peaks of the extra dilation to a genuine smile in mm."""
    participants: int = 8
    """Participants of each study."""
    smilers: int = 6
    """Smilers of each study, each of two stimuli."""
    out: Path | None = None
    """CSV that keeps every interval: what is in it is not computed again. One file for each size."""


class Found(NamedTuple):
    """Balanced accuracy and its 95% interval."""

    estimate: float
    low: float
    high: float


def main(args: Arguments) -> None:
    """Simulate, train, print."""
    found = {} if args.out is None else read(args.out)
    for effect in args.effects_mm:
        for study in range(args.studies):
            if all((effect, study, name) in found for name in CLASSIFIERS.values()):
                continue
            new = {(effect, study, name): one for name, one in intervals(effect, study, args).items()}
            found |= new
            if args.out is not None:
                write(args.out, new)
    print(
        f"{args.studies} studies a row, {args.participants} participants x {2 * args.smilers} stimuli; in brackets Wilson 95% "
        "intervals of the coverage\n"
    )
    print("| effect, mm | classifier | mean balanced accuracy | intervals that hold it | that hold .5 | mean width |")
    print("|---|---|---|---|---|---|")
    for effect in args.effects_mm:
        for name in CLASSIFIERS.values():
            print(row(effect, name, [found[effect, study, name] for study in range(args.studies)]))


def intervals(effect_mm: float, study: int, args: Arguments) -> dict[str, Found]:
    """Of each classifier on one study."""
    design = smilejax.SimulationSettings(participants=args.participants, smilers=args.smilers, effect_mm=effect_mm)
    trials = smilejax.simulate_study(design, key=jax.random.fold_in(jax.random.key(study), 0)).trials
    dataset = smilejax.prepare(trials, smilejax.Recipe())
    folds = by_participant_and_stimulus(
        dataset, participant_blocks=BLOCKS, stimulus_blocks=BLOCKS, key=jax.random.key(study)
    )
    scores = network_scores(Prepared(dataset, folds, length_ms(trials)), seeds=1)
    y, participant, stimulus = (np.asarray(of) for of in (dataset.y, dataset.participant, dataset.stimulus))
    found = {}
    for name, label in CLASSIFIERS.items():
        one = crossed_interval(scores[name][1], y, participant, stimulus, seed=study)
        found[label] = Found(float(one.estimate), float(one.low), float(one.high))
    return found


def row(effect_mm: float, name: str, found: list[Found]) -> str:
    """How often the interval holds the mean over studies, and chance."""
    estimate, low, high = np.transpose(found)
    truth, error = estimate.mean(), estimate.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    cells = [f"{effect_mm:g}", name, f"{truth:.3f} ± {error:.3f}"]
    for held in (truth, 0.5):
        in_percent, ends = proportion(int(((low <= held) & (held <= high)).sum()), len(found))
        cells.append(f"{in_percent} ({ends})")
    return "| " + " | ".join([*cells, f"{np.nanmean(high - low):.2f}"]) + " |"


def read(path: Path) -> dict[Key, Found]:
    """Intervals as `write` left them; none where there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {
            (float(effect), int(study), name): Found(*map(float, values))
            for effect, study, name, *values in csv.reader(file)
        }


def write(path: Path, new: dict[Key, Found]) -> None:
    """Add rows of effect, study, classifier, estimate, low and high."""
    with path.open("a", newline="") as file:
        csv.writer(file).writerows((*key, *one) for key, one in new.items())


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
