"""Pupils of known size with blinks, to be written as trackers write them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Simulated:
    """S samples of both eyes.

    Arguments:
        seconds: `f64[S]`, from 0.
        pupil: `f64[S, 2]` in mm, left and right, to 4 decimals; the left one is always the larger.
        blink: `bool[S]`, in which samples the eyes are shut.
    """

    seconds: npt.NDArray[np.float64]
    pupil: npt.NDArray[np.float64]
    blink: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.seconds)


def simulated(samples: int = 240, rate_hz: float = 60.0, seed: int = 11) -> Simulated:
    """Slow changes around 4 mm, and a blink in the middle."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(samples) / rate_hz
    slow = 4 + 0.3 * np.sin(seconds) + rng.normal(0, 0.01, samples)
    blink = np.zeros(samples, np.bool_)
    blink[samples // 2 : samples // 2 + 6] = True
    return Simulated(seconds, np.round(np.stack([slow + 0.4, slow - 0.1], axis=1), 4), blink)
