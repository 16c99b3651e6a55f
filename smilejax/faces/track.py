"""One face followed through the frames of a video.

Each frame is handed to one compiled program, which depends on the number of the frame's pixels alone (see `square`): about a
program for each of 480p, 720p, 1080p. It looks for the landmarks in the square in which the last frame's landmarks lie. Where
there was none, or no face is in it any more, it looks for faces in the whole frame, and lets the square settle on the
landmarks in three passes, so that a first frame is measured as the following ones are. A frame's numbers depend on the frame
and on the state before it, and on nothing else: a video may be tracked in chunks of any length.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from smilejax._util.errors import SettingsError
from smilejax._util.kept_programs import KeptProgram
from smilejax.faces.find_faces import Choice, WhichFace, as_choice, choose_face, find_faces
from smilejax.faces.find_mesh import find_mesh, square_around
from smilejax.faces.landmark_names import BLENDSHAPE_LANDMARKS, BLENDSHAPES, LANDMARKS
from smilejax.faces.landmarker import FaceLandmarker
from smilejax.faces.nets.blendshapes import blendshapes
from smilejax.faces.square import Frame, Square, in_buffer

LEAST_CONFIDENCE: Final = 0.5
"""Below this confidence of the mesh there is no face in the square (MediaPipe's default for presence)."""
LOOK_EVERY: Final = 10
"""The whole frame is looked at for other faces in every tenth frame, and wherever the face is lost."""
SETTLING_PASSES: Final = 3
"""Passes of the mesh on a face that was just detected, each in the square around the landmarks of the one before."""
_AHEAD: Final = 8
"""Frames that are handed to the device before the first of them is done."""

_DETECT, _MESH, _DONE = range(3)


class TrackState(NamedTuple):
    """What one frame hands on to the next."""

    square: Square
    """Where the face is looked for."""
    tracked: Bool[Array, ""]
    """Whether the square holds a face."""
    faces_seen: Int[Array, ""]
    """Faces in the whole frame when it was last looked at."""
    since_look: Int[Array, ""]
    """Frames since then."""
    size: Int[Array, "2"]
    """Height and width of the frame; a frame of another size begins anew."""


class Tracked(NamedTuple):
    """One face in F frames. Where it was not found, landmarks and blendshapes are NaN."""

    landmarks: npt.NDArray[np.float32]
    """`f32[F, 478, 3]`: x and y in pixels of the frame, from the upper left edge of its first pixel, and depth on the same
    scale (smaller is nearer to the camera). See `landmark_names`."""
    blendshapes: npt.NDArray[np.float32]
    """`f32[F, 52]`, from 0 to 1; `landmark_names.BLENDSHAPES` names them."""
    confidence: npt.NDArray[np.float32]
    """`f32[F]`, from 0 to 1: how sure the mesh is that it looks at a face; 0 where the detector saw none."""
    found: npt.NDArray[np.bool_]
    """`bool[F]`."""
    faces_seen: npt.NDArray[np.int32]
    """`i32[F]`, faces in the whole frame, at most 8, as the detector last counted them (see `LOOK_EVERY`). The
    detector alone errs now and then: in up to 5 of 100 pictures of no face it saw one, which the mesh then did not find."""

    @classmethod
    def joined(cls, parts: "list[Tracked]") -> Self:
        """Chunks of one video in their order."""
        return cls(*(np.concatenate(field) for field in zip(*parts, strict=True)))


class _OneFrame(NamedTuple):
    landmarks: Float[Array, "478 3"]
    blendshapes: Float[Array, "52"]
    confidence: Float[Array, ""]
    found: Bool[Array, ""]
    faces_seen: Int[Array, ""]


class _Search(NamedTuple):
    """How far the search in one frame is."""

    action: Int[Array, ""]
    square: Square
    tracked: Bool[Array, ""]
    passes_left: Int[Array, ""]
    faces_seen: Int[Array, ""]
    landmarks: Float[Array, "478 3"]
    confidence: Float[Array, ""]


def start_state() -> TrackState:
    """The state before the first frame of a video."""
    square = Square(jnp.zeros(2), jnp.float32(1), jnp.float32(0))
    return TrackState(square, jnp.asarray(False), jnp.int32(0), jnp.int32(0), jnp.zeros(2, jnp.int32))


def track_frames(
    frames: npt.NDArray[np.uint8],
    state: TrackState | None = None,
    *,
    tracker: FaceLandmarker,
    which_face: WhichFace = "largest",
) -> tuple[Tracked, TrackState]:
    """Follow one face through frames that follow one another.

    Arguments:
        frames: `u8[F, H, W, 3]`, red, green and blue, upright.
        state: what the frames before handed on; None at the start of a video, and for each of several photos.
        tracker: the weights, `face_landmarker()`.
        which_face: which one where several are seen; asked when a face is looked for, not while one is tracked.

    Returns:
        the face in each frame, and the state for the next frames.

    Raises:
        SettingsError: where the frames are no such array, or `which_face` is no such choice.

    Example:
        >>> from smilejax.faces import face_landmarker, track_frames
        >>> tracked, state = track_frames(np.zeros((2, 48, 64, 3), np.uint8), tracker=face_landmarker())
        >>> tracked.found
        array([False, False])
    """
    _check(frames)
    choice = as_choice(which_face)
    state = start_state() if state is None else state
    results: list[_OneFrame] = []
    program: Callable[..., tuple[TrackState, _OneFrame]] | None = None
    for frame in frames:
        given = (tracker, in_buffer(frame), choice, state)
        program = program or _TRACKING.ready(*given)
        state, result = program(*given)
        results.append(result)
        if len(results) >= _AHEAD:
            results[-_AHEAD].found.block_until_ready()
    return _on_host(results), state


@jax.jit
def track_frame(
    tracker: FaceLandmarker, frame: Frame, choice: Choice, state: TrackState
) -> tuple[TrackState, _OneFrame]:
    """One step of `track_frames`: a pure function."""
    same = (frame.size == state.size).all()
    tracked = state.tracked & same
    look = ~tracked | (state.since_look + 1 >= LOOK_EVERY)
    begin = _Search(
        action=jnp.where(look, _DETECT, _MESH).astype(jnp.int32),
        square=state.square,
        tracked=tracked,
        passes_left=jnp.int32(1),
        faces_seen=state.faces_seen,
        landmarks=jnp.zeros((LANDMARKS, 3)),
        confidence=jnp.float32(0),
    )

    def step(search: _Search) -> _Search:
        return lax.cond(
            search.action == _DETECT,
            lambda: _look_for_faces(tracker, frame, choice, search),
            lambda: _look_for_landmarks(tracker, frame, search),
        )

    end = lax.while_loop(lambda search: search.action != _DONE, step, begin)
    found = end.confidence >= LEAST_CONFIDENCE
    used = end.landmarks[jnp.asarray(BLENDSHAPE_LANDMARKS), :2]
    result = _OneFrame(
        landmarks=jnp.where(found, end.landmarks, jnp.nan),
        blendshapes=jnp.where(found, blendshapes(tracker.blendshapes, used), jnp.nan),
        confidence=end.confidence,
        found=found,
        faces_seen=end.faces_seen,
    )
    since = jnp.where(look, 0, state.since_look + 1).astype(jnp.int32)
    return TrackState(end.square, found, end.faces_seen, since, frame.size), result


_TRACKING: KeptProgram[tuple[TrackState, _OneFrame]] = KeptProgram(
    "tracking", ("_util", "settings", "faces"), lambda *_: track_frame, lambda: ""
)


def _look_for_faces(tracker: FaceLandmarker, frame: Frame, choice: Choice, search: _Search) -> _Search:
    """Count the faces of the frame; take one where none is tracked."""
    faces = find_faces(tracker.detector, frame)
    chosen, there = choose_face(faces, choice)
    keep = search.tracked
    return search._replace(
        action=jnp.where(keep | there, _MESH, _DONE).astype(jnp.int32),
        square=jax.tree.map(lambda old, new: jnp.where(keep, old, new), search.square, chosen),
        passes_left=jnp.where(keep, 1, SETTLING_PASSES).astype(jnp.int32),
        faces_seen=faces.there.sum().astype(jnp.int32),
        confidence=jnp.float32(0),
    )


def _look_for_landmarks(tracker: FaceLandmarker, frame: Frame, search: _Search) -> _Search:
    """Find the landmarks in the square; where no face is in a tracked one, have the whole frame looked at."""
    landmarks, confidence = find_mesh(tracker.mesh, frame, search.square)
    good = confidence >= LEAST_CONFIDENCE
    passes_left = search.passes_left - 1
    without = jnp.where(search.tracked, _DETECT, _DONE)
    action = jnp.where(good, jnp.where(passes_left > 0, _MESH, _DONE), without)
    return search._replace(
        action=action.astype(jnp.int32),
        square=square_around(landmarks),
        tracked=search.tracked & good,
        passes_left=passes_left,
        landmarks=landmarks,
        confidence=confidence,
    )


def _on_host(results: list[_OneFrame]) -> Tracked:
    if not results:
        empty = np.zeros(0, np.float32)
        return Tracked(
            np.zeros((0, LANDMARKS, 3), np.float32),
            np.zeros((0, len(BLENDSHAPES)), np.float32),
            empty,
            empty.astype(bool),
            empty.astype(np.int32),
        )
    fetched = jax.device_get(results)
    return Tracked(*(np.stack(field) for field in zip(*fetched, strict=True)))


def _check(frames: npt.NDArray[np.uint8]) -> None:
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or 0 in frames.shape[1:3]:
        raise SettingsError(
            setting="frames",
            rule="whole numbers from 0 to 255 (uint8) of shape (frames, height, width, 3)",
            value=f"{frames.dtype} of shape {frames.shape}",
        )
