"""The same physical trials at several rates: does the recipe mark the same times?"""

from collections import Counter
from dataclasses import replace

import jax
import numpy as np

from cleaning.against_truth import TRIALS_PER_PARTICIPANT
from cleaning.tables import heading, table
from smilejax import Destruction, Reason, Recipe, Simulation, SimulationSettings, clean, simulate_study

RATES = (120.0, 250.0, 500.0, 1000.0)
GRID_HZ = 60.0
MOST = 200
"""Trials of this section: more show nothing new, and one at 1000 Hz has 10,000 samples."""


def run(trials: int, seed: int) -> None:
    """Print the tables of this section."""
    trials = max(TRIALS_PER_PARTICIPANT, min(trials, MOST))
    heading(
        "Rates",
        f"{trials} physical trials of 10 s, recorded at several rates; the noise of every sample is drawn anew at each. "
        "Masks are compared at the instants of 60 Hz with the one that 60 Hz gives. Two masks agree to within a frame where "
        "every marked instant of either has a marked one of the other at the same instant or a neighbouring one, and every "
        "unmarked one an unmarked one. An edge (onset or end of what is marked) agrees where the other mask has one like it "
        "that close. In percent of the eyes of all trials, and of the edges of both masks. The first row is 60 Hz again with "
        "other noise: what noise alone does.",
    )
    reference = _recorded(GRID_HZ, trials, seed, draw=0)
    others = {"60 Hz, other noise": _recorded(GRID_HZ, trials, seed, draw=1)}
    others |= {f"{rate:g} Hz": _recorded(rate, trials, seed, draw=0) for rate in RATES}
    why: dict[str, Counter] = {}
    for name in ("default", "kret2019"):
        recipe = Recipe.named(name)
        base = _reasons(reference, recipe)
        rows = []
        for rate, study in others.items():
            reasons = _reasons(study, recipe)
            rows.append([rate, *_agreement(base, reasons)])
            why.setdefault(name, Counter()).update(_causes(base, reasons, reference.truth.destroyed))
        print(f"\n**Recipe `{name}`**")
        table(["rate", "eyes of trials", "edges", "instants beyond a frame, per 10,000"], rows)
    print(
        "\n**What the instants beyond a frame are**, all rates together: the mark that one mask has and the other has not, and "
        "what it stands on."
    )
    causes = sorted(set().union(*why.values()), key=lambda k: -sum(c[k] for c in why.values()))
    table(["mark", *why], [[f"{m} on {kind}", *(_percent(c, (m, kind)) for c in why.values())] for m, kind in causes])


def _percent(counts: Counter, key: tuple[str, str]) -> str:
    return f"{100 * counts[key] / max(counts.total(), 1):.0f}%"


def _recorded(rate_hz: float, trials: int, seed: int, *, draw: int) -> Simulation:
    """The study at a rate, with noise from a generator of its own: the simulator's would be the same at one rate."""
    settings = SimulationSettings(
        participants=trials // TRIALS_PER_PARTICIPANT,
        smilers=TRIALS_PER_PARTICIPANT // 2,
        rate_hz=rate_hz,
        noise_mm=0.0,
    )
    study = simulate_study(settings, key=jax.random.key(seed))
    noise = np.random.default_rng([seed, draw, int(rate_hz)]).normal(size=study.trials.pupil.shape)
    pupil = np.maximum(study.trials.pupil + SimulationSettings().noise_mm * noise, 0.1).astype(np.float32)
    return Simulation(replace(study.trials, pupil=pupil), study.truth)


def _reasons(study: Simulation, recipe: Recipe) -> np.ndarray:
    """`[N, T, 2]`: reasons at the instants of 60 Hz."""
    marked = np.asarray(clean(study.trials, recipe).marked)
    rate_hz = study.trials.rate_hz
    instants = int(marked.shape[1] * GRID_HZ / rate_hz)
    at = np.round(np.arange(instants) / GRID_HZ * rate_hz).astype(int).clip(max=marked.shape[1] - 1)
    return marked[:, at]


def _agreement(base: np.ndarray, other: np.ndarray) -> list[str]:
    a, b = base != Reason.MEASURED, other != Reason.MEASURED
    beyond = beyond_a_frame(a, b)
    within, edges = edges_within_a_frame(a, b)
    return [
        f"{100 * (1 - beyond.any(axis=1).mean()):.1f}",
        f"{100 * within / edges:.2f}",
        f"{1e4 * beyond.mean():.1f}",
    ]


def _near(mask: np.ndarray, edge: bool) -> np.ndarray:
    """Where a mask `[N, T, ...]` is set at the instant or next to it."""
    edges = np.full_like(mask[:, :1], edge)
    return mask | np.concatenate([mask[:, 1:], edges], axis=1) | np.concatenate([edges, mask[:, :-1]], axis=1)


def beyond_a_frame(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Instants `[N, T, ...]` at which one mask is set, or not set, and the other nowhere is within a frame."""
    marked = (a & ~_near(b, True)) | (b & ~_near(a, True))
    unmarked = (~a & ~_near(~b, True)) | (~b & ~_near(~a, True))
    return marked | unmarked


def edges_within_a_frame(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """Edges of two masks that have a counterpart of the other within a frame, and all."""
    within = total = 0
    for begins in (True, False):
        mine, yours = (_edges(m if begins else ~m) for m in (a, b))
        within += np.count_nonzero(mine & _near(yours, False)) + np.count_nonzero(yours & _near(mine, False))
        total += np.count_nonzero(mine) + np.count_nonzero(yours)
    return within, max(total, 1)


def _edges(mask: np.ndarray) -> np.ndarray:
    return mask & ~np.concatenate([mask[:, :1], mask[:, :-1]], axis=1)


def _causes(base: np.ndarray, other: np.ndarray, destroyed: np.ndarray) -> Counter:
    beyond = beyond_a_frame(base != Reason.MEASURED, other != Reason.MEASURED)
    reasons = np.where(base != Reason.MEASURED, base, other)[beyond]
    kinds = destroyed[beyond]
    name = {kind: kind.name.lower() for kind in Destruction} | {Destruction.NONE: "good samples"}
    return Counter((Reason(int(r)).words, name[Destruction(int(k))]) for r, k in zip(reasons, kinds, strict=True))
