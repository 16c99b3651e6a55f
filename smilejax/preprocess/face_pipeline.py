"""The steps of faces composed: `Faces` -> `Dataset`, all videos in one compiled call. As `pipeline` is for pupils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from smilejax._util.errors import SETTING, SettingsError, listed
from smilejax.preprocess.blocks import block_width, filled_up, first_of, over_blocks, run_steps
from smilejax.preprocess.channels import Channel, mask_channel
from smilejax.preprocess.dataset import Dataset, labels_and_groups
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.face_steps.align_in_time import ALIGN
from smilejax.preprocess.program import Numbers, Program, TracedNumbers
from smilejax.preprocess.reasons import FACE_REASONS
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.signal.passes import run_length
from smilejax.preprocess.signal.trace import Trace, inside
from smilejax.preprocess.state import Smile, State
from smilejax.recordings.face_crops import FaceCrops
from smilejax.recordings.face_measures import face_measure
from smilejax.recordings.faces import Faces
from smilejax.settings import samples_in
from smilejax.settings.checks import require_kind


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class FaceQuality:
    """How well N videos were tracked, before gaps were filled.

    Arguments:
        proportion_valid: `f32[N]`, proportion of frames at which every measure was given and accepted, 0 to 1.
        counts: `i32[N, K]`, frames times measures by `FACE_REASONS`.
        longest_gap_ms: `f32[N]`, longest time without such a frame.
    """

    proportion_valid: Float[Array, "..."]
    counts: Int[Array, "..."]
    longest_gap_ms: Float[Array, "..."]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class CleanedFaces:
    """What the steps made of N videos, before they are given to a model.

    Arguments:
        trace: measures and reasons, `[N, T, C]`, at the recipe's rate, from the first frame that is kept.
        quality: what was measured, and how well.
        neutral: `f32[N, C]`, the neutral face, in the measures' units; 0 without that step.
        smile: onset in ms from the video's first frame and amplitude, `f32[N]`; NaN without that step, or where none was found.
        status: `i32[N]`, a `TrialStatus`.
    """

    trace: Trace
    quality: FaceQuality
    neutral: Float[Array, "..."]
    smile: Smile
    status: Int[Array, "..."]


@dataclass(frozen=True)
class FaceProgram(Program):
    """What is compiled for faces.

    Arguments:
        video_ms: length of the videos that the steps begin with; that of what is kept is `duration_ms`.
    """

    video_ms: float = 0.0

    @property
    def samples(self) -> int:
        """Frames of a video at the recording's rate."""
        return samples_in(self.video_ms, self.rate_hz)


class FaceInputs(NamedTuple):
    """What a program reads of videos, on the host."""

    values: np.ndarray
    """`f32[N, T, C]`, NaN where a video is shorter."""
    length: np.ndarray
    """`i32[N]`."""
    confidence: np.ndarray
    """`f32[N, T]`, 1 where the recording gives none."""


EMPTY_VIDEO = (np.array(np.nan), np.array(0), np.array(1.0))


def settle_faces(recipe: FaceRecipe, faces: Faces) -> FaceRecipe:
    """The recipe with what it leaves to the recording filled in: measures, duration, rate. For single frames nothing is done
    in time, whatever the recipe says.

    Raises:
        SettingsError: the recipe contradicts the recording: measures that it does not have, no measure that follows the smile,
            a cut-off above Nyquist, resampling above the rate, durations shorter than a frame.
    """
    require_kind(faces, "faces", Faces, "Read a file with smilejax.read.")
    require_kind(recipe, "recipe", FaceRecipe)
    require_crops(recipe, faces)
    if faces.stills:
        recipe = recipe.still()
    measures = faces.channels if recipe.measures is None else recipe.measures
    if unknown := [name for name in measures if name not in faces.channels]:
        raise SettingsError(
            setting="measures",
            rule=f"among those of the recording ({listed(faces.channels)})",
            value=unknown[0],
        )
    found: dict[str, object] = {"measures": measures}
    for step in FACE_STEPS:
        found |= step.settle(recipe, rate_hz=faces.rate_hz, duration_ms=faces.duration_ms, start_ms=faces.start_ms)
    settled: FaceRecipe = replace(recipe, **found)  # type: ignore[arg-type]  # checked when made
    ALIGN.check_measures(settled)
    check_fits_faces(settled, faces.rate_hz)
    return settled


def require_crops(recipe: FaceRecipe, faces: Faces) -> None:
    """Refuse faces without the crops that a recipe gives a network. Raises `SettingsError`."""
    side = recipe.crop_side
    if side is None:
        return
    if not isinstance(faces, FaceCrops):
        raise SettingsError(
            setting="crop_side",
            rule="None for recordings without crops",
            value=side,
            hint=f"Name the folder of crops ({SETTING.crops}), or read them with smilejax.read_crops.",
        )
    if faces.side != side:
        rule = f"{faces.side}, as many pixels as the crops of these recordings have"
        raise SettingsError(setting="crop_side", rule=rule, value=side)


def check_fits_faces(recipe: FaceRecipe, rate_hz: float) -> None:
    """Refuse a settled recipe that a recording at `rate_hz` cannot follow, with the numbers. Raises `SettingsError`."""
    for step in FACE_STEPS:
        step.check_rate(recipe, rate_hz)


def clean_and_prepare_faces(faces: Faces, recipe: FaceRecipe) -> tuple[CleanedFaces, Dataset]:
    """Cleaned traces and dataset by a recipe that is settled, as a saved model's is; the recording may have any rate."""
    check_fits_faces(recipe, faces.rate_hz)
    require_crops(recipe, faces)
    assert recipe.measures is not None
    n, program = len(faces), _program(recipe, faces)
    numbers = program.numbers(recipe, in_mm=False, start_ms=faces.start_ms)
    cleaned, x, valid = _run_program(program, numbers, _inputs(faces, recipe, program.samples), n)
    measures = tuple(Channel(one.name, words=one.words) for one in map(face_measure, recipe.measures))
    mask = (mask_channel("mask", "which frames were measured"),) if recipe.measured else ()
    return cleaned, Dataset(
        x=x,
        valid=valid,
        **labels_and_groups(faces),
        proportion_valid=cleaned.quality.proportion_valid,
        status=cleaned.status,
        channels=(*measures, *mask),
        class_names=faces.class_names,
        rate_hz=recipe.resample_hz or faces.rate_hz,
        recipe=recipe,
        start_ms=recipe.first_ms(faces.rate_hz) if recipe.aligned else faces.start_ms,
        crops=None if recipe.crop_side is None else _crops(faces, recipe, cleaned, valid),
    )


def clean_face_rows(faces: Faces, settled: FaceRecipe, rows: Sequence[int]) -> CleanedFaces:
    """What a settled recipe makes of some videos, as among all.

    Arguments:
        rows: which, 0 to N - 1, in any order.
    """
    program = _program(settled, faces)
    numbers = program.numbers(settled, in_mm=False, start_ms=faces.start_ms)
    given = FaceInputs(*(part[list(rows)] for part in _inputs(faces, settled, program.samples)))
    return _run_program(program, numbers, given, len(rows))[0]


def _crops(faces: Faces, recipe: FaceRecipe, cleaned: CleanedFaces, valid: Bool[Array, "N T"]) -> UInt8[Array, "..."]:
    """`u8[N, T, S, S, 3]`: for each step that is valid the crop of the frame nearest to it in time that has one; else 0.

    Crops are not averaged over time as measures are. Steps lie where the measures' do: those of a video that is aligned
    count from so long before its onset.
    """
    assert isinstance(faces, FaceCrops)
    there = np.asarray(valid)
    steps = np.arange(there.shape[1]) * faces.rate_hz / (recipe.resample_hz or faces.rate_hz)
    first = np.zeros(len(faces))
    if recipe.aligned:
        onset = np.asarray(cleaned.smile.onset_ms, np.float64) * faces.rate_hz / 1000
        before = round(recipe.before_onset_ms * faces.rate_hz / 1000)
        first = np.where(np.isfinite(onset), np.round(onset) - before, 0.0)
    made = np.zeros((*there.shape, *faces.pixels.shape[2:]), np.uint8)
    for row in range(len(faces)):
        known = np.flatnonzero(faces.there[row] & faces.inside()[row])
        at = first[row] + steps[there[row]]
        after = np.clip(np.searchsorted(known, at), 1 if len(known) > 1 else 0, len(known) - 1)
        before_it = np.maximum(after - 1, 0)
        nearest = np.where(at - known[before_it] <= known[after] - at, before_it, after)
        made[row, there[row]] = faces.pixels[row, known[nearest]]
    return jnp.asarray(made)


def _program(recipe: FaceRecipe, faces: Faces) -> FaceProgram:
    """The program of a settled recipe. Of videos that are not aligned it reads no more than is kept."""
    made = FaceProgram.of(recipe, faces.rate_hz, FACE_STEPS)
    # In whole seconds: videos of other lengths then share a program.
    whole_ms = float(np.ceil(faces.duration_ms / 1000) * 1000)
    return replace(made, video_ms=whole_ms if recipe.aligned else made.duration_ms)


def _inputs(faces: Faces, recipe: FaceRecipe, samples: int) -> FaceInputs:
    """Crop or pad, on the host: the compiled program then depends on rate and length alone."""
    assert recipe.measures is not None
    n, shared = len(faces), min(samples, faces.values.shape[1])
    lanes = [faces.channels.index(name) for name in recipe.measures]
    values = np.full((n, samples, len(lanes)), np.nan, np.float32)
    values[:, :shared] = faces.values[:, :shared, lanes]
    confidence = np.ones((n, samples), np.float32)
    if faces.confidence is not None:
        confidence[:, :shared] = faces.confidence[:, :shared]
    return FaceInputs(values, np.minimum(faces.length, samples).astype(np.int32), confidence)


def _run_program(
    program: FaceProgram, numbers: Numbers, given: FaceInputs, n: int
) -> tuple[CleanedFaces, Array, Array]:
    block = block_width(program.samples, n)
    surplus = -n % block
    result = _run_blocks(numbers, filled_up(given, EMPTY_VIDEO, surplus), program=program, block=block)
    return first_of(result, n) if surplus else result


@partial(jax.jit, static_argnames=("program", "block"))
def _run_blocks(
    numbers: TracedNumbers, given: FaceInputs, *, program: FaceProgram, block: int
) -> tuple[CleanedFaces, Float[Array, "N T C"], Bool[Array, "N T"]]:
    return over_blocks(lambda part: clean_videos(program, numbers, part), given, block)


def clean_videos(
    program: FaceProgram, numbers: TracedNumbers, given: FaceInputs
) -> tuple[CleanedFaces, Float[Array, "T C *B"], Bool[Array, "T *B"]]:
    """Every step of a program on B videos next to each other, in order. Pure; for `jit` the program is static.

    Arguments:
        given: with videos first; what comes back has them behind.
    """
    values, confidence = jnp.moveaxis(jnp.asarray(given.values), 0, -1), jnp.asarray(given.confidence).T
    raw = Trace(values, jnp.full(values.shape, MEASURED.code))
    state = run_steps(program, numbers, State(raw, jnp.asarray(given.length), marked=raw, confidence=confidence))
    return _cleaned(state, rate_hz=program.rate_hz), _given(state.x), _given(state.valid)


def _given(made: Array | None) -> Array:
    assert made is not None
    return made


def _cleaned(state: State, *, rate_hz: float) -> CleanedFaces:
    """What the last step leaves, and its quality."""
    marked = state.marked
    lost = inside(marked) & ~jnp.all(marked.reason == MEASURED.code, axis=1)
    longest = jnp.max(jnp.where(lost, run_length(lost), 0), axis=0)
    valid = _given(state.proportion_valid)
    unknown = jnp.full(valid.shape, jnp.nan, jnp.float32)
    counts = [jnp.sum(marked.reason == reason.code, axis=(0, 1), dtype=jnp.int32) for reason in FACE_REASONS]
    return CleanedFaces(
        trace=state.trace,
        quality=FaceQuality(valid, jnp.stack(counts), longest.astype(jnp.float32) * (1000 / rate_hz)),
        neutral=jnp.zeros(state.trace.values.shape[1:], jnp.float32) if state.baseline is None else state.baseline,
        smile=Smile(unknown, unknown) if state.smile is None else state.smile,
        status=_given(state.status),
    )
