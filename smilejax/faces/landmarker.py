"""The weights of the face tracker, read once from the file in the package."""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Float

from smilejax._util.errors import CheckpointError

WEIGHTS_FILE: Final = Path(__file__).parent / "weights" / "face_landmarker.npz"
"""Made by `experiments/convert_face_landmarker.py`; licence and origin stand beside it."""
WEIGHTS_SHA256: Final = "7b158a25e8144411f0dd1acfe9c72c0a808f944b4fcc8ef0c238b5641cac4e3f"


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
        raise CheckpointError(
            f"The face tracker's weights, {WEIGHTS_FILE}, are not those that were shipped.", hint=hint
        )
    parts: dict[str, dict[str, npt.NDArray[np.float32]]] = {part: {} for part in FaceLandmarker._fields}
    with np.load(io.BytesIO(data)) as arrays:
        for name in arrays.files:
            part, key = name.split("/", 1)
            parts[part][key] = arrays[name].astype(np.float32)
    return FaceLandmarker(**jax.device_put(parts))
