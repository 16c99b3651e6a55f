"""A recipe against what really happened, in counts and sums: proportions and errors are divided out at the very end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import jax
import numpy as np

from cleaning.tables import ratio
from smilejax import (
    Destruction,
    Reason,
    Recipe,
    Simulation,
    SimulationSettings,
    Trials,
    TrialStatus,
    clean,
    simulate_study,
)

TRIALS_PER_PARTICIPANT = 10
STUDY = 100
"""Trials of one study: ten participants, five smilers. A study of its own seed is what spread is measured over."""
SHORT_GAP_MS = 250.0
WRONG = (Destruction.RAMP, Destruction.SPIKE, Destruction.ISLAND)
"""Destroyed samples that carry a number."""

RAW: dict[str, Any] = {"lowpass_hz": None, "resample_hz": None, "baseline_ms": None}
"""What a recipe leaves out where the reconstruction is looked at before the low-pass."""

Change = Callable[[Trials], Trials]


def studies(
    settings: SimulationSettings, trials: int, *, seed: int, change: Change | None = None
) -> Iterator[Simulation]:
    """Studies of `STUDY` trials each (one smaller study where fewer are asked for), each with a seed of its own."""
    size = min(STUDY, max(trials, TRIALS_PER_PARTICIPANT))
    one = replace(settings, participants=size // TRIALS_PER_PARTICIPANT, smilers=TRIALS_PER_PARTICIPANT // 2)
    for number in range(max(1, trials // size)):
        study = simulate_study(one, key=jax.random.fold_in(jax.random.key(seed), number))
        yield study if change is None else Simulation(change(study.trials), study.truth)


class OnHost(NamedTuple):
    """What cleaning made of N trials, in NumPy; names as in `smilejax.preprocess.Cleaned`."""

    values: np.ndarray
    reason: np.ndarray
    eyes_pupil: np.ndarray
    eyes_reason: np.ndarray
    marked: np.ndarray
    baseline: np.ndarray
    status: np.ndarray


def cleaned_on_host(trials: Trials, recipe: Recipe) -> OnHost:
    """Clean, and bring what is looked at to the host."""
    c = clean(trials, recipe)
    parts = (c.trace.values, c.trace.reason, c.eyes.values, c.eyes.reason, c.marked, c.baseline, c.status)
    return OnHost(*map(np.asarray, parts))


@dataclass
class Errors:
    """Sums over studies: of squared errors in mm, and how many there are; `[S]` each."""

    square: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, error: np.ndarray, where: np.ndarray) -> "Errors":
        """One study's."""
        return cls(np.array([np.sum(error[where].astype(np.float64) ** 2)]), np.array([np.count_nonzero(where)]))

    def rms(self) -> tuple[float, float]:
        """Root mean square in mm, and its standard error."""
        return ratio(self.square, self.count, root=True)


@dataclass
class Found:
    """What a recipe made of S studies.

    Arguments:
        marked, total: `[S, 6]`, samples of both eyes that were marked, and all, by `Destruction`.
        kept, trials: `[S]`; samples: `[S]`, of one eye of kept trials.
        absent, filled: `[S]`, samples of the fused pupil of kept trials without a value before filling; filled of these.
        short, gaps, one_eye, whole: errors of the fused pupil, kept trials, before the low-pass. short: filled, in gaps of
            up to 250 ms; short_line: what these would be if the true pupil, without noise, were joined by straight lines
            over the same gaps; gaps: all filled; one_eye: measured in one eye; whole: all that carry a value.
        other_eye: errors of the filled eye itself.
        done_short ...: the same of the finished trace, at the recipe's rate, before the baseline is subtracted.
    """

    marked: np.ndarray
    total: np.ndarray
    kept: np.ndarray
    trials: np.ndarray
    samples: np.ndarray
    absent: np.ndarray
    filled: np.ndarray
    other_eye: Errors
    short: Errors
    short_line: Errors
    gaps: Errors
    one_eye: Errors
    whole: Errors
    done_short: Errors
    done_gaps: Errors
    done_one_eye: Errors
    done_whole: Errors

    def recall(self, kinds: tuple[Destruction, ...] | None = None) -> tuple[float, float]:
        """Share of destroyed samples (of these kinds) that were marked or missing."""
        at = [int(kind) for kind in kinds or tuple(Destruction)[1:]]
        return ratio(self.marked[:, at].sum(1), self.total[:, at].sum(1))

    def precision(self) -> tuple[float, float]:
        """Share of marked and missing samples that were destroyed."""
        return ratio(self.marked[:, 1:].sum(1), self.marked.sum(1))

    def lost(self) -> tuple[float, float]:
        """Share of good samples that were marked."""
        return ratio(self.marked[:, 0], self.total[:, 0])

    @classmethod
    def together(cls, parts: list["Found"]) -> "Found":
        """One for all studies."""

        def joined(values: list) -> object:
            if isinstance(values[0], Errors):
                return Errors(*(np.concatenate([getattr(v, f.name) for v in values]) for f in fields(Errors)))
            return np.concatenate(values)

        return cls(**{f.name: joined([getattr(p, f.name) for p in parts]) for f in fields(cls)})


def measure(
    settings: SimulationSettings, recipes: dict[str, Recipe], trials: int, *, seed: int, change: Change | None = None
) -> dict[str, Found]:
    """Every recipe on the same studies."""
    parts: dict[str, list[Found]] = {name: [] for name in recipes}
    for study in studies(settings, trials, seed=seed, change=change):
        for name, recipe in recipes.items():
            parts[name].append(compare(study, recipe))
    return {name: Found.together(own) for name, own in parts.items()}


def compare(study: Simulation, recipe: Recipe) -> Found:
    """One recipe on one study."""
    trials, destroyed = study.trials, study.truth.destroyed
    raw, done = cleaned_on_host(trials, replace(recipe, **RAW)), cleaned_on_host(trials, recipe)
    eyes = ~np.isnan(trials.pupil).all(axis=(0, 1))  # those that were recorded at all
    marked, destroyed = raw.marked[..., eyes] != Reason.MEASURED, destroyed[..., eyes]
    kept = done.status == TrialStatus.KEPT
    there = np.broadcast_to(kept[:, None], marked.shape[:2])

    truth = study.truth.clean_mm[..., eyes].mean(-1)
    reason, error = raw.reason[..., 0], raw.values[..., 0] - truth
    present = has_value(reason)
    filled = reason == Reason.FILLED
    gap_ms = run_length(filled) * 1000 / trials.rate_hz
    short = there & filled & (gap_ms <= SHORT_GAP_MS + 1e-6)
    line_error = on_lines(truth, present & ~filled) - truth
    one = (raw.marked == Reason.MEASURED).sum(-1) == 1
    from_other = raw.eyes_reason == Reason.FROM_OTHER_EYE
    eye_error = raw.eyes_pupil - study.truth.clean_mm

    done_error, done_present, at = finished(done, truth, trials.rate_hz, recipe)
    done_gap_ms, done_one = gap_ms[:, at].max(-1), one[:, at].all(-1)
    done_kept = np.broadcast_to(kept[:, None], done_present.shape)
    return Found(
        marked=np.bincount(destroyed[marked], minlength=6)[None],
        total=np.bincount(destroyed.ravel(), minlength=6)[None],
        kept=np.array([kept.sum()]),
        trials=np.array([len(trials)]),
        samples=np.array([there.sum()]),
        absent=np.array([np.count_nonzero(there & (~present | filled))]),
        filled=np.array([np.count_nonzero(there & filled)]),
        other_eye=Errors.of(eye_error, from_other & there[..., None]),
        short=Errors.of(error, short),
        short_line=Errors.of(line_error, short),
        gaps=Errors.of(error, there & filled),
        one_eye=Errors.of(error, there & present & one),
        whole=Errors.of(error, there & present),
        done_short=Errors.of(
            done_error, done_kept & done_present & (done_gap_ms > 0) & (done_gap_ms <= SHORT_GAP_MS + 1e-6)
        ),
        done_gaps=Errors.of(done_error, done_kept & done_present & (done_gap_ms > 0)),
        done_one_eye=Errors.of(done_error, done_kept & done_present & done_one),
        done_whole=Errors.of(done_error, done_kept & done_present),
    )


def finished(
    done: OnHost, truth: np.ndarray, rate_hz: float, recipe: Recipe
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Error of the finished fused trace with its baseline added back, where it has a value, and between which samples each
    of its steps lies, `[T', 2]`."""
    level = done.baseline if recipe.baseline_ms is not None and recipe.baseline == "subtract" else 0 * done.baseline
    steps = done.values.shape[1]
    place = np.arange(steps) * (rate_hz / (recipe.resample_hz or rate_hz))
    last = truth.shape[1] - 1
    low, high = (np.minimum(f(np.round(place, 6)).astype(int), last) for f in (np.floor, np.ceil))
    share = np.clip(place - low, 0.0, 1.0)
    true = (1 - share) * truth[:, low] + share * truth[:, high]
    error = done.values[..., 0] + level - true
    return error, has_value(done.reason[..., 0]), np.stack([low, high], -1)


def on_lines(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`[N, T]` values where known, straight lines between; level at the ends."""
    at = np.arange(values.shape[1])
    return np.stack(
        [np.interp(at, at[k], v[k]) if k.any() else np.zeros_like(v) for v, k in zip(values, known, strict=True)]
    )


def has_value(reason: np.ndarray) -> np.ndarray:
    """Samples that were measured or filled."""
    return np.isin(reason, [Reason.MEASURED, Reason.FILLED, Reason.FROM_OTHER_EYE])


def run_length(marked: np.ndarray) -> np.ndarray:
    """`[N, T]`: length of the run of marked samples that each marked one stands in; 0 elsewhere."""
    out = np.zeros(marked.shape, int)
    for row, own in enumerate(marked):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], own, [False]))))
        for first, end in edges.reshape(-1, 2):
            out[row, first:end] = end - first
    return out
