"""Problems that classifiers are compared on: simulated studies, real recordings by each protocol, other people's series."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from report_study.sequences import SETTINGS as SMILES
from report_study.sequences import VIDEO_MS

import smilejax
from smilejax.evaluation.names import NEW_PARTICIPANTS, PROTOCOLS
from smilejax.evaluation.study.protocols import protocols
from smilejax.preprocess.channels import Channel
from smilejax.recordings.recording import length_ms
from smilejax.splits import Folds, by_participant_and_stimulus

EFFECTS_MM = (0.1, 0.15, 0.3)
SIZES = ((8, 6), (12, 8), (20, 10))
RESPONSES: dict[str, dict[str, float]] = {
    "phasic": {},
    "sustained": {"effect_t_max_ms": 3500.0},
    "late": {"effect_onset_ms": 4500.0},
}
"""Settings of the simulation: a response of 930 ms to its peak, one of 3500 ms, and one that begins at 4.5 s."""
RECIPES = ("default", "0.1.0")
"""The default one, and that of version 0.1.0: 20 Hz, fused pupil and mask."""
SERIES = ("ArrowHead", "GunPoint", "BasicMotions")
"""Data sets that aeon brings with it: outlines of arrow heads, a hand's path, six channels of a wrist's motion."""
BLOCKS, KEY = 3, 20261127
SERIES_HZ = 10.0
"""Steps of series have no time in common with pupils; they are taken as if they were tenths of a second."""
Kind = Literal["simulated", "recording", "series"]


class Prepared(NamedTuple):
    """N trials as classifiers see them, F folds, and the length of each trial, `f32[N]`."""

    dataset: smilejax.Dataset
    folds: Folds
    length_ms: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Problem:
    """One problem; its trials are made when they are asked for.

    Arguments:
        kind: what it is.
        name: what tables call it; studies that differ in their draw alone share it.
        draw: of a simulated study, from 0.
        recipes: by which it can be prepared.
    """

    kind: Kind
    name: str
    draw: int = 0
    recipes: tuple[str, ...] = RECIPES

    def prepared(self, recipe: str) -> Prepared:
        """Its trials and folds by one of its recipes."""
        raise NotImplementedError


@dataclass(frozen=True)
class Simulated(Problem):
    """New participants and new stimuli of a simulated study."""

    response: str = "phasic"
    effect_mm: float = 0.15
    size: tuple[int, int] = (8, 6)

    def prepared(self, recipe: str) -> Prepared:
        """As in `Problem`."""
        participants, smilers = self.size
        settings = smilejax.SimulationSettings(
            participants=participants, smilers=smilers, effect_mm=self.effect_mm, **RESPONSES[self.response]
        )
        study = (
            sorted(RESPONSES).index(self.response) * 1000 + round(self.effect_mm * 100) * 10 + SIZES.index(self.size)
        )
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(KEY), study), self.draw)
        trials = smilejax.simulate_study(settings, key=key).trials
        dataset = smilejax.prepare(trials, recipe_of(recipe))
        folds = by_participant_and_stimulus(
            dataset, participant_blocks=BLOCKS, stimulus_blocks=BLOCKS, key=jax.random.key(KEY)
        )
        return Prepared(dataset, folds, length_ms(trials))


@dataclass(frozen=True)
class Recording(Problem):
    """A real recording by one protocol, with the folds that `smilejax evaluate` makes."""

    trials: smilejax.Trials | None = None
    protocol: str = ""
    duration_ms: float | None = None

    def prepared(self, recipe: str) -> Prepared:
        """As in `Problem`."""
        assert self.trials is not None
        dataset = smilejax.prepare(self.trials, recipe_of(recipe, self.duration_ms))
        found = {one.name: one for one in protocols(dataset, smilejax.StudySettings(), key=jax.random.key(KEY))}
        folds = found[self.protocol].folds
        assert folds is not None
        return Prepared(dataset, folds, length_ms(self.trials))


@dataclass(frozen=True)
class Series(Problem):
    """One class of a data set against the rest, with the training and test set that it comes with."""

    file: Path = Path()

    def prepared(self, recipe: str) -> Prepared:
        """As in `Problem`; there is no recipe."""
        with np.load(self.file) as given:
            x, y, train = given["x"], given["y"], given["train"]
        n, channels, steps = x.shape
        none = jnp.full(n, -1, jnp.int32)
        dataset = smilejax.Dataset(
            x=jnp.asarray(np.moveaxis(x, 1, 2), jnp.float32),
            valid=jnp.ones((n, steps), bool),
            y=jnp.asarray(y, jnp.int32),
            participant=jnp.arange(n, dtype=jnp.int32),
            stimulus=none,
            smiler=none,
            proportion_valid=jnp.ones(n, jnp.float32),
            status=jnp.zeros(n, jnp.int32),
            channels=tuple(Channel(f"channel {c + 1}") for c in range(channels)),
            class_names=("rest", "class"),
            rate_hz=SERIES_HZ,
        )
        folds = Folds(
            scheme="training and test set",
            apart=(),
            leaky=False,
            why_leaky="",
            train=train[None],
            test=~train[None],
            validation=np.zeros((1, n), bool),
            names=("as published",),
            repeat=np.zeros(1, np.int32),
            times_scored=None,
        )
        return Prepared(dataset, folds, np.full(n, 1000 * steps / SERIES_HZ, np.float32))


def recipe_of(name: str, duration_ms: float | None = None) -> smilejax.Recipe:
    """A recipe by its name in `RECIPES`."""
    if name == "default":
        return smilejax.Recipe(duration_ms=duration_ms)
    return smilejax.Recipe(duration_ms=duration_ms, resample_hz=20.0, channels=("fused", "mask"))


def cell(response: str, effect_mm: float, size: tuple[int, int]) -> str:
    """The name of simulated studies."""
    return f"{response}, {effect_mm:g} mm, {size[0]} x {size[1]}"


CELLS = {cell(*of): of for of in itertools.product(RESPONSES, EFFECTS_MM, SIZES)}
"""Response, effect and size of the 27 kinds of simulated study, by name."""


def simulated_studies(draws: int) -> Iterator[Simulated]:
    """All of one draw before the next, so that a run that is cut has whole draws."""
    for draw in range(draws):
        for name, (response, effect, size) in CELLS.items():
            yield Simulated("simulated", name, draw, response=response, effect_mm=effect, size=size)


def smiles(folder: Path) -> Iterator[Recording]:
    """The project report's recordings by every protocol that they allow: the 10 s of the video."""
    yield from by_protocol("report's recordings", smilejax.read(folder, SMILES), VIDEO_MS)


def pupillometryr(file: Path) -> Iterator[Recording]:
    """PupillometryR's sample data likewise."""
    trials = smilejax.read(file, smilejax.ReadSettings(classes=("Easy", "Hard")))
    yield from by_protocol("PupillometryR", trials, None)


def by_protocol(name: str, trials: smilejax.Trials, duration_ms: float | None) -> Iterator[Recording]:
    """A recording by every protocol that it allows, from the strictest."""
    dataset = smilejax.prepare(trials, recipe_of("default", duration_ms))
    for one in protocols(dataset, smilejax.StudySettings(), key=jax.random.key(KEY)):
        if one.folds is not None:
            unknown = one.name == "participant" and (np.asarray(dataset.stimulus) < 0).all()
            label = NEW_PARTICIPANTS if unknown else PROTOCOLS[one.name]
            yield Recording("recording", f"{name}: {label}", trials=trials, protocol=one.name, duration_ms=duration_ms)


def series(folder: Path) -> Iterator[Series]:
    """The data sets that the worker has written (`aeon_worker.py series`), the first class against the rest."""
    for name in SERIES:
        file = folder / f"{name}.series.npz"
        with np.load(file) as given:
            of, classes = str(given["class_name"]), int(given["classes"])
        title = f"{name}: {of} against " + ("the other" if classes == 2 else f"{classes - 1} others")
        yield Series("series", title, recipes=("default",), file=file)
