"""`Dataset`: what a model sees, as device arrays. Made by `smilejax.preprocess`."""

from dataclasses import dataclass, field
from typing import TypedDict

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from smilejax._util import summaries
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.channels import Channel
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.recording import Recording


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Dataset:
    """N preprocessed trials of T steps and C channels. Rejected trials stay in place, so that rows keep their meaning.

    A pytree: the arrays are its leaves, the rest is static.

    Arguments:
        x: `f32[N, T, C]`, the channels in the order of `channels`; 0 wherever `valid` is False.
        valid: `bool[N, T]`, steps at which every channel carries a value: inside the trial, and measured or filled.
        y: `i32[N]`, class 0 or 1, or -1 where not known.
        participant: `i32[N]`, codes from 0 in order of first appearance.
        stimulus: `i32[N]`, likewise, or -1 for all where stimuli were not recorded.
        smiler: `i32[N]`, likewise.
        proportion_valid: `f32[N]`, proportion of the trial at which all that the channels need was measured and accepted,
            before filling.
        status: `i32[N]`, a `TrialStatus`.
        channels: what the C channels are.
        class_names: the two classes.
        rate_hz: steps per second.
        recipe: the preprocessing that made it, settled: its duration and rate are numbers. None where it was made by hand.
        start_ms: time of the first step of every trial relative to onset.
        crops: `u8[N, T, S, S, 3]`, of faces, a crop for each step, where the recipe gives them (`FaceRecipe.crop_side`): red,
            green and blue; 0 wherever `valid` is False. Networks of crops see these and no channel; all else sees the channels.
    """

    x: Float[Array, "N T C"]
    valid: Bool[Array, "N T"]
    y: Int[Array, " N"]
    participant: Int[Array, " N"]
    stimulus: Int[Array, " N"]
    smiler: Int[Array, " N"]
    proportion_valid: Float[Array, " N"]
    status: Int[Array, " N"]
    channels: tuple[Channel, ...] = field(metadata={"static": True})
    class_names: tuple[str, str] = field(metadata={"static": True})
    rate_hz: float = field(metadata={"static": True})
    recipe: AnyRecipe | None = field(default=None, metadata={"static": True})
    start_ms: float = field(default=0.0, metadata={"static": True})
    crops: UInt8[Array, "N T S S 3"] | None = None

    def __len__(self) -> int:
        return self.x.shape[0]

    def __repr__(self) -> str:
        if not all(isinstance(leaf, np.ndarray | jax.Array) for leaf in jax.tree.leaves(self)) or any(
            isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(self)
        ):
            return f"Dataset(x={self.x!r})"  # inside jit, or a pytree of something else than arrays
        return f"Dataset({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Dataset", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        n, steps, _ = self.x.shape
        stimuli, smilers = (
            codes.tolist() if (codes >= 0).any() else None for codes in map(np.asarray, (self.stimulus, self.smiler))
        )
        return [
            ("trials", f"{summaries.counted(n, 'trial')}, {int(self.kept.sum())} kept"),
            ("of", summaries.groups(np.asarray(self.participant).tolist(), stimuli, smilers)),
            ("classes", summaries.classes(np.asarray(self.y).tolist(), self.class_names)),
            (
                "steps",
                f"{steps} steps at {self.rate_hz:g} Hz ({summaries.duration(steps / self.rate_hz, self.start_ms)})",
            ),
            (
                "channels",
                f"{summaries.counted(len(self.channels), 'channel')}: {', '.join(c.name for c in self.channels)}",
            ),
            *(
                []
                if self.crops is None
                else [("crops", f"crops of {self.crops.shape[2]} x {self.crops.shape[3]} pixels")]
            ),
        ]

    @property
    def time_ms(self) -> np.ndarray:
        """`f64[T]` on the host: time of each step relative to onset."""
        return self.start_ms + np.arange(self.x.shape[1]) * 1000 / self.rate_hz

    @property
    def kept(self) -> np.ndarray:
        """`bool[N]` on the host: trials that may train or be scored."""
        return np.asarray(self.status) == TrialStatus.KEPT


def codes(names: tuple[str, ...] | None, n: int) -> np.ndarray:
    """`i32[N]` codes of names from 0 in order of first appearance; all -1 where there are no names."""
    if names is None:
        return np.full(n, -1, np.int32)
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], np.int32)


class LabelsAndGroups(TypedDict):
    """Those fields of a `Dataset` that are names and labels of its recording."""

    y: Int[Array, " N"]
    participant: Int[Array, " N"]
    stimulus: Int[Array, " N"]
    smiler: Int[Array, " N"]


def labels_and_groups(recording: Recording) -> LabelsAndGroups:
    """Labels and group codes of N trials, on the device."""
    n = len(recording)
    groups = (codes(names, n) for names in (recording.participant, recording.stimulus, recording.smiler))
    # device_put, not jnp.asarray, which compiles a program for each shape and type
    y, participant, stimulus, smiler = jax.device_put([recording.label, *groups])
    return {"y": y, "participant": participant, "stimulus": stimulus, "smiler": smiler}
