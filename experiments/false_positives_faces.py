"""How often is a study of faces without an effect significant, and one with an effect? Simulated videos, judged.

    python experiments/false_positives_faces.py --studies 100                   # no effect
    python experiments/false_positives_faces.py --studies 40 --effect 1         # a plausible one

Every study has 20 smilers, each in three videos of posed and three of genuine smiles; smilers differ in their neutral faces
and in how widely they smile. The first ways are those of a study: smilers who were not in the training set, by a permutation
test within smilers. For comparison, a way that published accuracies of 98 to 100 % may owe something to: single frames of the
smiles, classified by the most similar frame of the training set (1-nearest neighbour), with frames shuffled, so that other
frames of the same video are in the training set, or with frames of new smilers, counted as if they were independent.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
import numpy as np
import pandas as pd
import tyro
from common import proportion

import smilejax
from smilejax.evaluation.power import judge
from smilejax.evaluation.statistics import split_score
from smilejax.settings import Classifier, PowerSettings

FRAMES = 10
"""Frames taken of each smile, about its maximum."""
FOLDS = 4

Judged = tuple[float, float]
"""p, and accuracy."""


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 100
    """Simulated studies."""
    effect: float = 0.0
    """Size of the difference between posed and genuine smiles (see FaceSimulationSettings); 0 is none."""
    smilers: int = 20
    """Smilers of each study."""
    permutations: int = 99
    """Permutations of each test."""
    classifier: tuple[Classifier, ...] = ("dynamics", "rocket")
    """What studies judge: dynamics, rocket, network, combined. Networks take by far the most time."""
    first: int = 0
    """Number of the first study: several calls can share the work."""


def main(args: Arguments) -> None:
    """Simulate, judge, count, print."""
    found: dict[str, list[Judged]] = {}
    began = time.process_time()
    for study in range(args.first, args.first + args.studies):
        key = jax.random.key(study)
        design = smilejax.FaceSimulationSettings(smilers=args.smilers, effect=args.effect)
        faces = smilejax.simulate_faces(design, key=jax.random.fold_in(key, 0)).faces
        dataset = smilejax.prepare(faces, smilejax.FaceRecipe())
        for name, way in ways_of(args).items():
            found.setdefault(name, []).append(way(faces, dataset, key))
    minutes = (time.process_time() - began) / 60
    print(
        f"{args.studies} studies of {args.smilers} smilers x {2 * design.videos_per_class} videos, effect {args.effect:g}; "
        f"{minutes:.1f} minutes of processor time."
    )
    print(table_of(found).to_string(index=False))


def ways_of(args: Arguments) -> dict[str, Callable[..., Judged]]:
    """Ways to judge a study; each gives a p and an accuracy."""
    settings = PowerSettings(permutations=args.permutations)

    def by_verdict(classifier: Classifier) -> Callable[..., Judged]:
        own = replace(settings, classifier=classifier)

        def way(faces: smilejax.Faces, dataset: smilejax.Dataset, key: jax.Array) -> Judged:
            judged = judge(faces, dataset, own, smilejax.TrainingSettings.faces(), key=key)
            return judged.p, judged.balanced_accuracy

        return way

    return {
        **{f"{name}: new smilers, permutation test": by_verdict(name) for name in args.classifier},
        "frames: shuffled, binomial test": lambda faces, dataset, key: by_frames(faces, dataset, shuffled=True),
        "frames: new smilers, binomial test": lambda faces, dataset, key: by_frames(faces, dataset, shuffled=False),
    }


def by_frames(faces: smilejax.Faces, dataset: smilejax.Dataset, *, shuffled: bool) -> Judged:
    """Frames about the maximum of each smile, each given the class of the most similar frame of other folds.

    Frames are taken as tracked, with the neutral face in them. Folds are drawn by a fixed seed.
    """
    confident = faces.confidence
    assert confident is not None
    course = np.where(confident > 0.5, faces.values[:, :, :2].mean(2), -np.inf)
    at = np.argsort(-course, axis=1, kind="stable")[:, :FRAMES]
    x = np.take_along_axis(faces.values, at[:, :, None], axis=1).reshape(-1, faces.values.shape[2])
    x = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    y, person = np.repeat(faces.label, FRAMES), np.repeat(np.asarray(dataset.participant), FRAMES)
    rng = np.random.default_rng(0)
    fold = rng.permutation(len(y)) % FOLDS if shuffled else (rng.permutation(person.max() + 1) % FOLDS)[person]
    near = np.empty(len(y), np.int64)
    for one in range(FOLDS):
        test, train = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
        distance = ((x[test, None] - x[None, train]) ** 2).sum(2)
        near[test] = train[distance.argmin(1)]
    hit = y[near] == y
    return split_score(int(hit.sum()), len(y)).p, float(hit.mean())


def table_of(found: dict[str, list[Judged]]) -> pd.DataFrame:
    """One row for each way: how many studies are significant at .05, the interval of that proportion, and mean accuracy."""
    rows = []
    for name, judged in found.items():
        significant = sum(p <= 0.05 + 1e-9 for p, _ in judged)
        in_percent, interval = proportion(significant, len(judged))
        rows.append(
            {
                "judged by": name,
                "studies": len(judged),
                "p <= .05": significant,
                "proportion": in_percent,
                "95% interval": interval,
                "mean accuracy": f"{np.mean([accuracy for _, accuracy in judged]):.1%}",
            }
        )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
