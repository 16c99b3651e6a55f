"""Does the test by relabelling keep its level in other designs? And what if folds were dealt with the true classes balanced?

    python experiments/null_designs.py --studies 500

Studies without an effect: four numbers a trial that depend on who watched and on what was watched, judged by a ridge
classifier (which takes relabellings at no cost), 39 relabellings and folds as `evaluate` deals them. p <= .05 in 5 of 100 is
meant. Labels live within smilers' pairs, on stimuli of unknown smilers, or on participants.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import tyro

from smilejax import Dataset, by_participant, by_participant_and_stimulus, relabel
from smilejax.errors import DataError
from smilejax.relabelling import with_both_classes
from smilejax.splits import Folds
from smilejax.statistics import split_score
from smilejax.study.answers import held_out
from smilejax.study.scores import labelling_scores

BETWEEN, WITHIN = 0.7, 0.6
"""Standard deviations between people and between stimuli, and of a trial."""
RELABELLINGS, BLOCKS, RIDGE = 39, 4, 3.0


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    studies: int = 500
    """Simulated studies of each design."""


def main(args: Arguments) -> None:
    """Simulate, judge, count, print."""
    designs = [("smilers' pairs", 8, 6), ("stimuli", 8, 6), ("stimuli", 20, 10), ("participants", 12, 4)]
    rows = []
    for where, people, smilers in designs:
        for stratified in (False, True):
            p = [judged(seed, where, people, smilers, stratified) for seed in range(args.studies)]
            known = np.array([one for one in p if one is not None])
            significant = int((known <= 0.05 + 1e-9).sum())
            share = split_score(significant, len(known))
            rows.append(
                {
                    "labels live on": where,
                    "people x stimuli": f"{people} x {2 * smilers}",
                    "folds dealt by": "the true classes" if stratified else "no label (in use)",
                    "studies": len(known),
                    "p <= .05": f"{share.accuracy:.1%}",
                    "95% interval": f"{share.low:.1%} to {share.high:.1%}",
                }
            )
    print(pd.DataFrame(rows).to_string(index=False))


def judged(seed: int, where: str, people: int, smilers: int, stratified: bool) -> float | None:
    """The p of one study; None where no relabelling leaves both classes to train on."""
    dataset = study(seed, where, people, smilers)
    key = jax.random.key(seed)
    deal: Callable[..., Folds] = by_participant_and_stimulus
    options = {"participant_blocks": BLOCKS, "stimulus_blocks": BLOCKS}
    if where == "participants":
        deal, options = by_participant, {"folds": BLOCKS}
    try:
        folds = deal(dataset, **options, stratified=stratified, key=key)
    except DataError:  # a training set of one class: such a study is not judged
        return None
    relabelled = with_both_classes(folds, dataset, relabel(dataset, RELABELLINGS, key=key))
    if relabelled is None:
        return None
    labels = np.concatenate([np.asarray(dataset.y)[None], relabelled.labels])
    x = np.asarray(dataset.x)[:, :, 0]
    p = np.stack([ridge(x, train, labels) for train in folds.train], 1)
    scores = labelling_scores(held_out(p[:, :, None], folds.test, 1), labels)
    return float((1 + (scores[1:] >= scores[0] - 1e-9).sum()) / len(scores))


def study(seed: int, where: str, people: int, smilers: int) -> Dataset:
    """Everybody watches every stimulus once; labels have nothing to do with `x`."""
    rng = np.random.default_rng(seed)
    participant = np.repeat(np.arange(people), 2 * smilers)
    stimulus = np.tile(np.arange(2 * smilers), people)
    n = len(participant)
    x = WITHIN * rng.normal(size=(n, 4)) + BETWEEN * rng.normal(size=(people, 4))[participant]
    x = x + BETWEEN * rng.normal(size=(2 * smilers, 4))[stimulus]
    none = jnp.full(n, -1, jnp.int32)
    whole = Dataset(
        x=jnp.asarray(x[:, :, None], jnp.float32),
        valid=jnp.ones((n, 4), bool),
        y=jnp.asarray(stimulus % 2, jnp.int32),
        participant=jnp.asarray(participant, jnp.int32),
        stimulus=jnp.asarray(stimulus, jnp.int32),
        smiler=jnp.asarray(stimulus // 2, jnp.int32),
        measured=jnp.ones(n),
        verdict=jnp.zeros(n, jnp.int32),
        channels=("fused",),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )
    if where == "stimuli":
        return replace(whole, smiler=none)
    if where == "participants":
        return replace(whole, smiler=none, stimulus=none, y=jnp.asarray(participant % 2, jnp.int32))
    return whole


def ridge(x: np.ndarray, train: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`f64[L, N]`, P(class 1) by ridge regression on each labelling, numbers scaled on the training trials."""
    scaled = (x - x[train].mean(0)) / (x[train].std(0) + 1e-9)
    target = 2.0 * labels[:, train] - 1
    middle = target.mean(1, keepdims=True)
    own = scaled[train]
    weights = np.linalg.solve(own.T @ own + RIDGE * np.eye(own.shape[1]), own.T @ (target - middle).T)
    return 1 / (1 + np.exp(-(scaled @ weights).T - middle))


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
