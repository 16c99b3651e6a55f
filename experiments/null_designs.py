"""Does the permutation test keep its level in other designs, with folds that balance the classes, and where it stops early?

    python experiments/null_designs.py --studies 500
    python experiments/null_designs.py --studies 500 --no-folds      # the second table alone

Studies without an effect: four numbers per trial that depend on the participant and on the stimulus, judged by a ridge
classifier (which takes permutations at no cost) and 39 label permutations. p <= .05 is expected in 5 of 100 studies, and in
more where there is an effect. Labels are permuted within the pairs of stimuli of each smiler, among stimuli of unknown
smilers, or among participants. Folds are assigned in three ways: whatever the labels; with the classes of stimuli (or
participants) balanced, as is common; and balanced with labels exchanged only within what is held out together. `evaluate`
takes the last where it allows enough permutations, and else the first.

The second table is of the test that stops once so many permutations have scored as high as the study (Besag & Clifford 1991),
with folds as `evaluate` makes them and up to 99 permutations: how often p is up to .05, .2 and .5, where the same proportions
are expected without an effect, and how many permutations it took.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import tyro
from common import proportion

from smilejax import Dataset, by_participant, by_participant_and_stimulus
from smilejax._util.errors import DataError
from smilejax.evaluation.statistics import permutation_test
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.study_tests import labelling_scores
from smilejax.preprocess.channels import FUSED_PUPIL
from smilejax.splits import Folds
from smilejax.splits.permutations import permute_labels_for_folds

BETWEEN, WITHIN = 0.7, 0.6
"""Standard deviations between participants and between stimuli, and of a trial."""
PERMUTATIONS, BLOCKS, RIDGE = 39, 4, 3.0
FREE, BALANCED, WITHIN_BLOCKS = "whatever the labels", "balanced", "balanced, exchanged within"
WAYS = (FREE, BALANCED, WITHIN_BLOCKS)
DESIGNS = (("smilers' pairs", 8, 6), ("stimuli", 8, 6), ("stimuli", 20, 10), ("participants", 20, 4))
"""Whose property labels are, participants, and half the number of stimuli."""
MOST, RULES, LEVELS = 99, (0, 10, 3), (0.05, 0.2, 0.5)
"""Of the second table: permutations at most, numbers of permutations at which the test stops (0: never), and levels."""


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 500
    """Simulated studies of each design."""
    effect: float = 1.0
    """Of the studies with one; a trial's own standard deviation is .6."""
    alpha: float = 0.05
    """Level of the test."""
    folds: bool = True
    """Whether ways of assigning folds are compared."""


def main(args: Arguments) -> None:
    """Simulate, judge, count, print."""
    if args.folds:
        print(pd.DataFrame(list(of_folds(args))).to_string(index=False), end="\n\n")
    print(pd.DataFrame(list(of_rules(args))).to_string(index=False))


def of_folds(args: Arguments) -> Iterator[dict[str, object]]:
    """The first table: a row for each design, effect and way of assigning folds."""
    for (where, participants, smilers), effect, way in itertools.product(DESIGNS, (0.0, args.effect), WAYS):
        found = [scores_of(seed, where, participants, smilers, way, effect) for seed in range(args.studies)]
        known = [one for one in found if one is not None]
        p = np.array([permutation_test(one[0], one[1:], design_smallest_p=0.0).p for one in known])
        in_percent, interval = proportion(int((p <= args.alpha + 1e-9).sum()), len(known), digits=1)
        yield {
            "labels permuted among": where,
            "participants x stimuli": f"{participants} x {2 * smilers}",
            "effect": effect,
            "folds": way,
            "studies": len(known),
            f"p <= {args.alpha:g}": in_percent,
            "95% interval": interval,
            "balanced accuracy": f"{np.mean([one[0] for one in known]):.1%}",
            "with permuted labels": f"{np.mean([one[1:].mean() for one in known]):.1%}",
        }


def of_rules(args: Arguments) -> Iterator[dict[str, object]]:
    """The second table: a row for each design, effect and rule; the rules are of the same studies and permutations."""
    for (where, participants, smilers), effect in itertools.product(DESIGNS, (0.0, args.effect)):
        found = [
            scores_of(seed, where, participants, smilers, WITHIN_BLOCKS, effect, MOST) for seed in range(args.studies)
        ]
        known = [one for one in found if one is not None]
        for rule in RULES:
            tests = [permutation_test(one[0], one[1:], design_smallest_p=0.0, stop_after=rule) for one in known]
            p, used = np.array([one.p for one in tests]), np.array([one.count for one in tests])
            shares = (proportion(int((p <= level + 1e-9).sum()), len(p), digits=1) for level in LEVELS)
            yield {
                "labels permuted among": where,
                "participants x stimuli": f"{participants} x {2 * smilers}",
                "effect": effect,
                "test": f"stops at {rule}" if rule else f"all {max(one.planned for one in tests)}",
                "studies": len(known),
                **{f"p <= {level:g}": " ".join(share) for level, share in zip(LEVELS, shares, strict=True)},
                "permutations, mean": f"{used.mean():.1f}",
                "median": f"{np.median(used):.0f}",
            }


def scores_of(
    seed: int, where: str, participants: int, smilers: int, way: str, effect: float, permutations: int = PERMUTATIONS
) -> np.ndarray | None:
    """`f64[1 + K]`, balanced accuracies of one study with the true labels and with permutations in their order; None where no
    permutation leaves both classes in the training sets.
    """
    dataset = study(seed, where, participants, smilers, effect)
    key = jax.random.key(seed)
    axis = "participant" if where == "participants" else "stimulus"
    make_folds: Callable[..., Folds] = by_participant_and_stimulus
    options: dict[str, Any] = {"participant_blocks": BLOCKS, "stimulus_blocks": BLOCKS}
    if where == "participants":
        make_folds, options = by_participant, {"folds": 2 * BLOCKS}
    try:
        folds = make_folds(dataset, **options, stratified=False if way == FREE else axis, key=key)
        permuted = permute_labels_for_folds(folds, dataset, permutations, balanced=way == WITHIN_BLOCKS, key=key)
    except DataError:  # a training set with one class: such a study is not judged
        return None
    labels = np.concatenate([np.asarray(dataset.y)[None], permuted.labels])
    x = np.asarray(dataset.x)[:, :, 0]
    p = np.stack([ridge(x, train, labels) for train in folds.train], 1)
    return labelling_scores(mean_over_folds(p[:, :, None], folds.test, 1), labels)


def study(seed: int, where: str, participants: int, smilers: int, effect: float) -> Dataset:
    """Every participant watches every stimulus; the class adds the effect to the first number and half of it to the second."""
    rng = np.random.default_rng(seed)
    participant = np.repeat(np.arange(participants), 2 * smilers)
    stimulus = np.tile(np.arange(2 * smilers), participants)
    n = len(participant)
    x = WITHIN * rng.normal(size=(n, 4)) + BETWEEN * rng.normal(size=(participants, 4))[participant]
    x = x + BETWEEN * rng.normal(size=(2 * smilers, 4))[stimulus]
    y = (participant if where == "participants" else stimulus) % 2
    x = x + effect * y[:, None] * np.array([1.0, 0.5, 0.0, 0.0])
    none = jnp.full(n, -1, jnp.int32)
    whole = Dataset(
        x=jnp.asarray(x[:, :, None], jnp.float32),
        valid=jnp.ones((n, 4), bool),
        y=jnp.asarray(y, jnp.int32),
        participant=jnp.asarray(participant, jnp.int32),
        stimulus=jnp.asarray(stimulus, jnp.int32),
        smiler=jnp.asarray(stimulus // 2, jnp.int32),
        proportion_valid=jnp.ones(n),
        status=jnp.zeros(n, jnp.int32),
        channels=(FUSED_PUPIL,),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )
    if where == "stimuli":
        return replace(whole, smiler=none)
    if where == "participants":
        return replace(whole, smiler=none, stimulus=none)
    return whole


def ridge(x: np.ndarray, train: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`f64[L, N]`, P(class 1) by ridge regression on each labelling, numbers standardised by the training trials."""
    scaled = (x - x[train].mean(0)) / (x[train].std(0) + 1e-9)
    target = 2.0 * labels[:, train] - 1
    middle = target.mean(1, keepdims=True)
    own = scaled[train]
    weights = np.linalg.solve(own.T @ own + RIDGE * np.eye(own.shape[1]), own.T @ (target - middle).T)
    return 1 / (1 + np.exp(-(scaled @ weights).T - middle))


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
