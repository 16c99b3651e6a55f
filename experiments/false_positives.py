"""How often is a study without an effect significant? Simulated studies, judged by the verdict and in other ways.

    python experiments/false_positives.py --studies 100
    python experiments/false_positives.py --studies 100 --effect-mm 0.3      # power: studies with an effect
    python experiments/false_positives.py --studies 100 --classifier network combined --out p.csv    # can be continued

Every study has 20 participants who watch 20 stimuli of 10 smilers; pupils respond to the light of stimuli, which differs, and
participants differ as well. The verdict is on participants and stimuli that were not in the training set, by a permutation
test within smilers. For comparison, two common ways: held-out trials counted as independent, with the same stimuli, or the
same participants and stimuli, in training and test. To train the network on a hundred studies and their permutations, it
sees 10 samples per second for 15 epochs, in 2 x 2 blocks; p is then a multiple of .05 (up to .5: tests of the network stop
once ten permutations have scored as high, which leaves the same studies significant).
"""

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import tyro
from common import proportion

import smilejax
from smilejax.classifiers import run_reference_classifiers
from smilejax.evaluation.metrics import correct
from smilejax.evaluation.power import judge
from smilejax.evaluation.statistics import split_score
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.settings import Classifier, PowerSettings


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 100
    """Simulated studies."""
    effect_mm: float = 0.0
    """Peak of the extra dilation to a genuine smile in mm; 0 is none."""
    participants: int = 20
    """Participants of each study."""
    smilers: int = 10
    """Smilers of each study, each of two stimuli."""
    permutations: int = 19
    """Permutations of each test."""
    classifier: tuple[Classifier, ...] = ("network", "rocket", "features")
    """What studies judge, one after another: network, combined, rocket, features. Networks take nearly all of the time."""
    first: int = 0
    """Number of the first study: several calls can share the work."""
    out: Path | None = None
    """CSV that keeps every p: what is in it is not computed again. One file for each effect and size."""


def main(args: Arguments) -> None:
    """Simulate, judge, count, print."""
    ways = ways_of(args)
    studies = range(args.first, args.first + args.studies)
    found = {} if args.out is None else read(args.out)
    began = time.perf_counter()
    for study in studies:
        missing = [name for name in ways if (study, name) not in found]
        if not missing:
            continue
        key = jax.random.key(study)
        design = smilejax.SimulationSettings(
            participants=args.participants, smilers=args.smilers, effect_mm=args.effect_mm
        )
        trials = smilejax.simulate_study(design, key=jax.random.fold_in(key, 0)).trials
        dataset = smilejax.prepare(trials, smilejax.Recipe(resample_hz=10))
        new = {(study, name): ways[name](trials, dataset, key) for name in missing}
        found |= new
        if args.out is not None:
            write(args.out, new)
    minutes = (time.perf_counter() - began) / 60
    print(
        f"{args.studies} studies of {args.participants} participants x {2 * args.smilers} stimuli, effect "
        f"{args.effect_mm:g} mm; {minutes:.0f} minutes."
    )
    print(table_of({name: [found[study, name] for study in studies] for name in ways}).to_string(index=False))


def read(path: Path) -> dict[tuple[int, str], float]:
    """p of each study and way, as `write` left them; empty where there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {(int(study), name): float(p) for study, name, p in csv.reader(file)}


def write(path: Path, new: dict[tuple[int, str], float]) -> None:
    """Add rows of study, way and p."""
    with path.open("a", newline="") as file:
        csv.writer(file).writerows((study, name, p) for (study, name), p in new.items())


def ways_of(args: Arguments) -> dict[str, Callable[..., float]]:
    """Ways to judge a study; each gives a p."""
    settings = PowerSettings(permutations=args.permutations, blocks=2)
    training = smilejax.TrainingSettings(epochs=15)

    def by_verdict(classifier: Classifier) -> Callable[..., float]:
        own = replace(settings, classifier=classifier)
        return lambda trials, dataset, key: judge(trials, dataset, own, training, key=key).p

    return {
        **{f"{name}: new participants, new stimuli, permutation test": by_verdict(name) for name in args.classifier},
        "rocket: new participants, known stimuli, binomial test": lambda t, d, key: pooled(
            d, smilejax.by_participant(d, folds=4, key=key), key
        ),
        "rocket: shuffled trials, binomial test": lambda t, d, key: pooled(
            d, smilejax.shuffle_trials(d, folds=4, key=key), key
        ),
    }


def pooled(dataset: smilejax.Dataset, folds: smilejax.Folds, key: jax.Array) -> float:
    """The exact binomial p of all held-out trials together, as if they were independent."""
    y = np.asarray(dataset.y)
    length_ms = np.full(len(dataset), 10_000.0, np.float32)
    result = run_reference_classifiers(
        dataset, folds, y[None], baseline=None, length_ms=length_ms, key=key, only=("rocket",)
    )[0]
    hit = correct(mean_over_folds(result.probability[0], folds.test, 0), y)
    return split_score(int(np.nansum(hit)), int(np.isfinite(hit).sum())).p


def table_of(found: dict[str, list[float]]) -> pd.DataFrame:
    """One row for each way: how many studies are significant at .05, the Wilson interval of that proportion, and whether it
    holds 5%, the level."""
    rows = []
    for name, p in found.items():
        significant = int((np.array(p) <= 0.05 + 1e-9).sum())
        in_percent, interval = proportion(significant, len(p))
        of_all = split_score(significant, len(p))
        rows.append(
            {
                "judged by": name,
                "studies": len(p),
                "p <= .05": significant,
                "proportion": in_percent,
                "95% interval": interval,
                "holds 5%": "yes" if of_all.low <= 0.05 <= of_all.high else "no",
            }
        )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
