"""Tiny datasets of any design, random ones, and plain loops that say what is wrong with folds. Loaded by the tests here."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from smilejax import Dataset, TrialStatus
from smilejax.preprocess.channels import FUSED_PUPIL
from smilejax.splits import Folds


def dataset(y: Any, participant: Any, stimulus: Any = None, smiler: Any = None, rejected: Any = ()) -> Dataset:
    """A dataset of N trials without content. What is None was not recorded; `rejected` are rows."""
    n = len(y)
    verdict = np.zeros(n, np.int32)
    verdict[list(rejected)] = TrialStatus.TOO_MUCH_MISSING

    def codes(given: Any) -> jnp.ndarray:
        return jnp.asarray(np.full(n, -1, np.int32) if given is None else np.asarray(given, np.int32))

    return Dataset(
        x=jnp.asarray(np.zeros((n, 4, 1), np.float32)),
        valid=jnp.asarray(np.ones((n, 4), bool)),
        y=codes(y),
        participant=codes(participant),
        stimulus=codes(stimulus),
        smiler=codes(smiler),
        proportion_valid=jnp.asarray(np.ones(n, np.float32)),
        status=jnp.asarray(verdict),
        channels=(FUSED_PUPIL,),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


def crossed(participants: int, stimuli: int, *, smilers: bool = True, rejected: Any = ()) -> Dataset:
    """Every participant watches every stimulus once; stimuli 2k and 2k + 1 are posed and genuine smiles of smiler k."""
    p, s = (a.ravel() for a in np.meshgrid(np.arange(participants), np.arange(stimuli), indexing="ij"))
    return dataset(s % 2, p, s, s // 2 if smilers else None, rejected)


def take(data: Dataset, rows: Any) -> Dataset:
    """The same trials in another order."""
    at = np.asarray(rows)
    arrays = (np.asarray(a)[at] for a in (data.y, data.participant, data.stimulus, data.smiler, data.status))
    y, participant, stimulus, smiler, verdict = arrays
    return dataset(y, participant, stimulus, smiler, np.flatnonzero(verdict))


@st.composite
def designs(draw: st.DrawFn) -> tuple[Any, ...]:
    """What `dataset` takes: 2 to 8 participants and stimuli with missing cells, some trials repeated, rejected or unlabelled,
    in any order. The dataset is made in the test, since JAX draws random numbers, which a strategy must not."""
    participants, stimuli = draw(st.integers(2, 8)), draw(st.integers(2, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    missing, bad = draw(st.sampled_from([0.0, 0.2])), draw(st.sampled_from([0.0, 0.1]))
    p, s = (a.ravel() for a in np.meshgrid(np.arange(participants), np.arange(stimuli), indexing="ij"))
    times = 1 + (rng.random(len(p)) < 0.1)
    times[rng.random(len(p)) < missing] = 0
    rows = rng.permutation(np.repeat(np.arange(len(p)), times))
    if len(rows) == 0:
        rows = np.arange(len(p))
    p, s = p[rows], s[rows]
    y = {"stimulus": s % 2, "trial": rng.integers(0, 2, len(s)), "participant": p % 2}[
        draw(st.sampled_from(["stimulus", "stimulus", "trial", "participant"]))
    ]
    y = np.where(rng.random(len(y)) < bad, -1, y)
    smilers = s // 2 if draw(st.booleans()) else None
    return y, p, s, smilers, np.flatnonzero(rng.random(len(y)) < bad)


def scorable(data: Dataset) -> list[int]:
    verdict, y = np.asarray(data.status).tolist(), np.asarray(data.y).tolist()
    return [i for i in range(len(y)) if verdict[i] == 0 and y[i] in (0, 1)]


def faults(folds: Folds, data: Dataset) -> list[str]:
    """What is wrong with folds, found by plain loops."""
    found, usable = [], set(scorable(data))
    y = np.asarray(data.y).tolist()
    scored: dict[tuple[int, int], int] = {}
    for f, name in enumerate(folds.names):
        parts = [set(np.flatnonzero(mask[f]).tolist()) for mask in (folds.train, folds.validation, folds.test)]
        if not parts[2]:
            found.append(f"{name}: nothing scored")
        for part in parts:
            if part - usable:
                found.append(f"{name}: unusable trial")
        for one, other in ((0, 1), (0, 2), (1, 2)):
            if parts[one] & parts[other]:
                found.append(f"{name}: trial on two sides")
            for axis in folds.apart:
                codes = np.asarray(getattr(data, axis)).tolist()
                if {codes[i] for i in parts[one]} & {codes[i] for i in parts[other]}:
                    found.append(f"{name}: {axis} on two sides")
        if {y[i] for i in parts[0]} != {0, 1}:
            found.append(f"{name}: a class missing")
        for i in parts[2]:
            scored[int(folds.repeat[f]), i] = scored.get((int(folds.repeat[f]), i), 0) + 1
    if folds.times_scored is not None:
        for repeat in range(folds.times_scored):
            found += [f"row {i}: not scored once" for i in usable if scored.get((repeat, i)) != 1]
    return found
