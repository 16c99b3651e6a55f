"""Courses of smiles for tests: onset, apex and offset ramps, one speed for each class and a level for each smiler."""

import numpy as np
import numpy.typing as npt

from smilejax import Faces
from smilejax.recordings.stimulus_table import Covariate

CHANNELS = ("lip_corner_left", "lip_corner_right", "eyelids_left")
RATE_HZ = 25.0


def ramp(t: npt.NDArray[np.float64], begin: float, length: float) -> npt.NDArray[np.float64]:
    """0 before a beginning, 1 from a length later on, half a cosine between."""
    return (1 - np.cos(np.pi * np.clip((t - begin) / length, 0, 1))) / 2


def drawn_faces(
    smilers: int = 8, videos: int = 4, *, effect: float = 1.0, seconds: float = 4.0, noise: float = 0.01, seed: int = 0
) -> Faces:
    """Every smiler in as many posed as genuine videos. With `effect` 1 genuine smiles rise in .6 instead of .3 s; with 0 there
    is no difference. Onsets are between .5 and 1 s."""
    rng = np.random.default_rng(seed)
    n, samples = smilers * videos, round(seconds * RATE_HZ)
    t, label = np.arange(samples) / RATE_HZ, np.tile(np.arange(videos) % 2, smilers).astype(np.int32)
    who = np.repeat(np.arange(smilers), videos)
    begin, size = rng.uniform(0.5, 1.0, n), rng.normal(0.3, 0.03, smilers)[who]
    rise = 0.3 + 0.3 * effect * label
    course = np.stack([ramp(t, b, r) * (1 - ramp(t, b + 1.5, 0.8)) for b, r in zip(begin, rise, strict=True)])
    values = np.stack([size[:, None] * course, 0.9 * size[:, None] * course, 0.25 - 0.1 * course], axis=2)
    values += rng.normal(0, 0.02, (smilers, 1, 3))[who] + rng.normal(0, noise, values.shape)
    return Faces(
        values=values.astype(np.float32),
        channels=CHANNELS,
        length=np.full(n, samples),
        rate_hz=RATE_HZ,
        label=label,
        class_names=("posed", "genuine"),
        trial=tuple(f"v{i % videos}" for i in range(n)),
        participant=tuple(f"s{i}" for i in who),
        confidence=np.full((n, samples), 0.95, np.float32),
        covariates=(
            Covariate("width", numbers=tuple(rng.choice([640.0, 1280.0], n).tolist())),
            Covariate("mean_brightness", numbers=tuple(rng.normal(110.0, 10.0, n).tolist())),
        ),
    )
