"""The weights of the face tracker, read once from the file in the package."""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from smilejax._util.errors import CheckpointError

WEIGHTS_FILE: Final = Path(__file__).parent / "weights" / "face_landmarker.npz"
"""Made by `experiments/convert_face_landmarker.py`; licence and origin stand beside it."""
WEIGHTS_SHA256: Final = "23fb1c56b2b8154868992b85029c937112ba9cd0eb9867730b9bfa45a43c6503"


class FaceLandmarker(NamedTuple):
    """Weights of the three networks by name, in f32: a pytree, handed to compiled programs as an argument."""

    detector: dict[str, Float[Array, "..."]]
    mesh: dict[str, Float[Array, "..."]]
    blendshapes: dict[str, Float[Array, "..."]]


@cache
def face_landmarker() -> FaceLandmarker:
    """MediaPipe's Face Landmarker (face detector, 478-point mesh, 52 blendshapes), as the package ships it.

    Raises:
        CheckpointError: where the file is missing or is not the one that was shipped.
    """
    hint = "Install smilejax again."
    try:
        data = WEIGHTS_FILE.read_bytes()
    except OSError as error:
        raise CheckpointError(f"The face tracker's weights, {WEIGHTS_FILE}, cannot be read.", hint=hint) from error
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise CheckpointError(f"The face tracker's weights, {WEIGHTS_FILE}, are not those that were shipped.", hint=hint)
    parts: dict[str, dict[str, Float[Array, "..."]]] = {part: {} for part in FaceLandmarker._fields}
    with np.load(io.BytesIO(data)) as arrays:
        for name in arrays.files:
            part, key = name.split("/", 1)
            parts[part][key] = jnp.asarray(arrays[name].astype(np.float32))
    return FaceLandmarker(**parts)
