"""Python packages for pupils, on the trials that our recipes get: `pip install pymovements pyplr`.

Neither is needed by smilejax; what is not installed is left out.
"""

import importlib.metadata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from cleaning.against_truth import RAW, SHORT_GAP_MS, WRONG, cleaned_on_host, has_value, on_lines, run_length, studies
from cleaning.tables import plus_minus, ratio, table
from smilejax import Destruction, Reason, Recipe, Simulation, SimulationSettings

Eye = tuple[np.ndarray, np.ndarray]
"""`bool[T]`, samples marked or missing; and `[T]`, the pupil as reconstructed, NaN where it is not."""


class Peer(NamedTuple):
    """A package: how it is installed, what of it is used, and its way with one eye `[T]` (NaN: missing) at a rate."""

    package: str
    used: str
    eye: Callable[[np.ndarray, float], Eye]


def _pymovements(pupil: np.ndarray, rate_hz: float, *, padding_ms: float) -> Eye:
    """Its blinks with so much on either side; between what is left, straight lines, since it fills nothing itself."""
    from pymovements.events.detection import blink

    time_ms = np.arange(len(pupil)) * 1000 / rate_hz
    found = blink(pupil, timesteps=time_ms).frame
    marked = np.isnan(pupil)
    for onset, offset in zip(found["onset"], found["offset"], strict=True):
        marked |= (time_ms >= onset - padding_ms) & (time_ms <= offset + padding_ms)
    return marked, on_lines(pupil[None], ~marked[None])[0]


def _pyplr(pupil: np.ndarray, rate_hz: float) -> Eye:
    import pandas as pd
    from pyplr import preproc

    samples = pd.DataFrame({"diameter": pupil.astype(np.float64)})
    masked = preproc.mask_pupil_first_derivative(samples, threshold=3.0)
    filled = preproc.interpolate_pupil(masked)
    return masked["diameter"].isna().to_numpy(), filled["diameter"].to_numpy()


PEERS = (
    Peer(
        "pymovements",
        "`events.detection.blink` with its defaults and 25 ms on either side, as its `nullify_event_samples` has it; it fills "
        "nothing, so lines by NumPy",
        partial(_pymovements, padding_ms=25.0),
    ),
    Peer("pymovements", "the same with 100 ms on either side", partial(_pymovements, padding_ms=100.0)),
    Peer(
        "pyplr",
        "`mask_pupil_first_derivative` at 3 standard deviations, then `interpolate_pupil`, as in its documentation",
        _pyplr,
    ),
)


def licence_of(package: str) -> str:
    """The licence as the package's metadata states it."""
    about = importlib.metadata.metadata(package)
    classified = [c.split(" :: ")[-1] for c in about.get_all("Classifier") or [] if c.startswith("License")]
    return about.get("License-Expression") or (classified[0] if classified else about.get("License") or "not stated")


def installed() -> dict[str, Peer]:
    """Those that are there, by the names of their rows; says of the others how they are had."""
    there: dict[str, Peer] = {}
    for package in dict.fromkeys(peer.package for peer in PEERS):
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            print(f"\n{package} is not installed and is left out: `pip install {package}` (it is no part of smilejax).")
            continue
        own = [peer for peer in PEERS if peer.package == package]
        there |= {f"{package} ({i + 1})" if len(own) > 1 else package: peer for i, peer in enumerate(own)}
        print(f"\n{package} {version} ({licence_of(package)}): {'; '.join(peer.used for peer in own)}.")
    return there


OURS = {
    "`default`, each eye alone": replace(Recipe(), other_eye_ms=None),
    "`default`": Recipe(),
    "`kret2019`": Recipe.kret2019(),
}


def compare(trials: int, seed: int) -> None:
    """Print how recipes and packages do on the same eyes."""
    peers = installed()
    if not peers:
        return
    print(
        f"\n{trials} simulated trials a table, each eye on its own as the packages take it. Error at blinks: root mean square "
        f"over all samples that a blink of up to {SHORT_GAP_MS:g} ms truly destroyed, its ramps counted in, whether marked or "
        "not; before any low-pass. Lines, by the truth: good samples joined by straight lines, the least that lines do. Our "
        "recipes fill gaps of any length here, as the packages do, so that all are asked for the same samples."
    )
    for rate_hz in (60.0, 500.0):
        sums: dict[str, list[np.ndarray]] = {}
        for study in studies(SimulationSettings(rate_hz=rate_hz), trials, seed=seed):
            for name, marked, value in _answers(study, peers):
                sums.setdefault(name, []).append(_sums(study, marked, value))
        print(f"\nAt {rate_hz:g} Hz")
        table(
            ["", "recall, %", "of numbers, %", "good lost, %", "error at blinks, mm"],
            [[name, *_cells(np.stack(own))] for name, own in sums.items()],
        )


def _answers(study: Simulation, peers: dict[str, Peer]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for name, recipe in OURS.items():
        own = replace(recipe, channels=("left", "right"), max_gap_ms=np.inf, **RAW)
        cleaned = cleaned_on_host(study.trials, own)
        yield name, cleaned.marked != Reason.MEASURED, np.where(has_value(cleaned.reason), cleaned.values, np.nan)
    for name, peer in peers.items():
        yield name, *_by_peer(study, peer)
    destroyed = study.truth.destroyed != Destruction.NONE
    lines = [on_lines(study.truth.clean_mm[..., eye], ~destroyed[..., eye]) for eye in range(2)]
    yield "lines, by the truth", destroyed, np.stack(lines, axis=-1)


def _by_peer(study: Simulation, peer: Peer) -> tuple[np.ndarray, np.ndarray]:
    pupil = study.trials.pupil
    marked, value = np.zeros(pupil.shape, bool), np.full(pupil.shape, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for trial, eye in np.ndindex(pupil.shape[0], pupil.shape[2]):
            marked[trial, :, eye], value[trial, :, eye] = peer.eye(pupil[trial, :, eye], study.trials.rate_hz)
    return marked, value


def _sums(study: Simulation, marked: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Marked by kind, all by kind, and squared error and number of samples in blinks."""
    destroyed = study.truth.destroyed
    blink = np.isin(destroyed, [Destruction.BLINK, Destruction.RAMP, Destruction.ISLAND])
    hidden = np.stack([run_length(destroyed[..., eye] == Destruction.BLINK) for eye in range(2)], axis=-1)
    hidden_ms = hidden * 1000 / study.trials.rate_hz
    at_blink = _runs_with(blink, (hidden_ms > 0) & (hidden_ms <= SHORT_GAP_MS + 1e-6))
    there = at_blink & ~np.isnan(value)
    square = np.sum((value - study.truth.clean_mm)[there].astype(np.float64) ** 2)
    return np.concatenate(
        [
            np.bincount(destroyed[marked], minlength=6),
            np.bincount(destroyed.ravel(), minlength=6),
            [square, np.count_nonzero(there)],
        ]
    )


def _runs_with(mask: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Runs over time of a mask `[N, T, 2]` that hold one of `some`."""
    out = np.zeros(mask.shape, bool)
    for trial, eye in np.ndindex(mask.shape[0], mask.shape[2]):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], mask[trial, :, eye], [False]))))
        for first, end in edges.reshape(-1, 2):
            out[trial, first:end, eye] = some[trial, first:end, eye].any()
    return out


def _cells(s: np.ndarray) -> list[str]:
    marked, total = s[:, :6], s[:, 6:12]
    wrong = [int(kind) for kind in WRONG]
    return [
        plus_minus(ratio(marked[:, 1:].sum(1), total[:, 1:].sum(1)), 2, 100),
        plus_minus(ratio(marked[:, wrong].sum(1), total[:, wrong].sum(1)), 2, 100),
        plus_minus(ratio(marked[:, 0], total[:, 0]), 2, 100),
        plus_minus(ratio(s[:, 12], s[:, 13], root=True), 4),
    ]
