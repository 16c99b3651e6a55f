"""The random draws of simulated videos of faces: of their smilers, and of each video. No time axis here.

All is NumPy in 64 bits, so that nothing is compiled. Numbers are drawn by a generator of NumPy (PCG64) of their own for each
smiler, video and purpose, seeded with the words of the JAX key and these three. So smiler 3 is the same whether 3 or 300
smilers are simulated.
"""

from enum import IntEnum
from functools import partial
from math import ceil, sqrt
from typing import NamedTuple

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Key

from smilejax.settings.face_simulation_settings import FaceSimulationSettings
from smilejax.simulate.draws import lead_ms

POSED_AMPLITUDE = 1.25
POSED_ONSET_SPEED = 1.5
POSED_OFFSET_DURATION = 1.1
GENUINE_EYELIDS = 0.1
"""The differences at `effect` 1: ratios of posed to genuine smiles, and the proportion by which genuine ones close the eyelids
more. Schmidt et al. (2006) report greater amplitude, onset and offset speed and offset duration of posed smiles, and no greater
asymmetry; the sizes are ours. With these ratios the offset is faster in posed smiles as well (1.25 / 1.1)."""

MOST_CLOSED = 0.9
"""No smile closes the eyelids by more than this proportion. Our choice."""
MOST_ASYMMETRIC = 0.8
"""Asymmetry is clipped to this size, so that both corners rise. Our choice."""
HEAD_WAVES, HEAD_AXES = 4, 4
"""Sinusoids of each of the head's movements: to the right, down, rotation, size."""

REST = ("lip_corner", "mouth_width", "mouth_opening", "eyelids", "cheek")
REST_EYE_DISTANCES = (-0.33, 0.55, 0.02, 0.11, -0.45)
REST_SD = (0.05, 0.05, 0.005, 0.015, 0.04)
"""Measures of the neutral face, in eye distances, and their standard deviation between smilers: ours."""

FaceDraw = IntEnum("FaceDraw", "SMILER VIDEO BLINK LOSS HEAD NOISE CONFIDENCE WRONG", start=0)
"""The purposes of keys. New ones are appended at the end only, so that existing studies keep their draws."""

Numbers = npt.NDArray[np.float64]


class VideoDraws(NamedTuple):
    """All draws of N videos, before the time axis."""

    smiler: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    take: npt.NDArray[np.int32]
    rest: Numbers  # [N, 5]: the neutral face, as `REST` names its measures
    rest_left: Numbers  # [N, 5]: left minus right of the neutral face, in eye distances
    amplitude: Numbers
    asymmetry: Numbers
    phases_ms: Numbers  # [N, 4]: when the smile begins, and the duration of onset, apex and offset
    eyelids: Numbers
    opening: Numbers  # the mouth's opening at the apex, relative to the amplitude
    blinks_ms: Numbers  # [N, 2, K]: start and end of the time for which the eyes are closed
    losses_ms: Numbers  # [N, 2, K]
    wrong: npt.NDArray[np.bool_]  # [N, K]: whether the tracker goes on with wrong values in a loss
    head: Numbers  # [N, 2, 4, W]: frequency and phase of the head's movements, 0 to 1


def draw_videos(settings: FaceSimulationSettings, *, key: Key[Array, ""]) -> VideoDraws:
    """The draws of all videos: smilers in turn, of each the videos in turn, posed and genuine in alternation."""
    each = 2 * settings.videos_per_class
    smiler = np.repeat(np.arange(settings.smilers, dtype=np.int32), each)
    video = np.tile(np.arange(each, dtype=np.int32), settings.smilers)
    uniform = partial(uniforms, key, smiler)
    label = video % 2
    person = normals(uniform(np.full_like(video, -1), FaceDraw.SMILER, 2 + 2 * len(REST)))
    one = uniform(video, FaceDraw.VIDEO, 8)
    z = normals(one)
    rest_sd = np.array(REST_SD)
    blinks, losses = (
        most_in(rate, settings.duration_ms + lead_ms(ms))
        for rate, ms in (
            (settings.blinks_per_minute, settings.blink_ms),
            (settings.losses_per_minute, settings.loss_ms),
        )
    )
    lose = uniform(video, FaceDraw.LOSS, 3 * losses).reshape(-1, 3, losses)
    return VideoDraws(
        smiler=smiler,
        label=label,
        take=video // 2 + 1,
        rest=np.array(REST_EYE_DISTANCES) + rest_sd * np.clip(person[:, 2 : 2 + len(REST)], -3, 3),
        rest_left=rest_sd / 4 * person[:, 2 + len(REST) :],
        **_smile(settings, label, person[:, :2], one, z),
        blinks_ms=_spans_ms(
            uniform(video, FaceDraw.BLINK, 2 * blinks).reshape(-1, 2, blinks),
            settings.blinks_per_minute,
            settings.blink_ms,
        ),
        losses_ms=_spans_ms(lose[:, :2], settings.losses_per_minute, settings.loss_ms),
        wrong=lose[:, 2] < settings.wrong_share,
        head=uniform(video, FaceDraw.HEAD, 2 * HEAD_AXES * HEAD_WAVES).reshape(-1, 2, HEAD_AXES, HEAD_WAVES),
    )


def _smile(
    settings: FaceSimulationSettings, label: npt.NDArray[np.int32], person: Numbers, one: Numbers, z: Numbers
) -> dict[str, Numbers]:
    """Amplitude, asymmetry, durations and eyelids of each smile. The only place where the class matters.

    Each difference is put half on either class, so that what both have in common does not depend on the effect.
    """
    posed = settings.effect * (0.5 - label)  # + effect / 2 for posed, - effect / 2 for genuine smiles
    wider, slower = np.log(POSED_AMPLITUDE), np.log(POSED_OFFSET_DURATION)
    faster = np.log(POSED_ONSET_SPEED) - wider
    log_amplitude = settings.smiler_log_sd * person[:, 0] + settings.amplitude_log_sd * z[:, 0] + posed * wider
    spread = settings.phase_log_sd * z[:, 1:4] + posed[:, None] * np.array([-faster, 0.0, slower])
    durations = np.array([settings.onset_ms, settings.apex_ms, settings.offset_ms]) * np.exp(spread)
    begin = settings.first_onset_ms * (0.5 + one[:, 6])
    eyelids = settings.eyelid_closing + settings.eyelid_sd * z[:, 4] - posed * GENUINE_EYELIDS
    asymmetry = settings.asymmetry_sd * person[:, 1] + settings.asymmetry_video_sd * z[:, 5]
    return {
        "amplitude": settings.amplitude_eye_distances * np.exp(log_amplitude),
        "asymmetry": np.clip(asymmetry, -MOST_ASYMMETRIC, MOST_ASYMMETRIC),
        "phases_ms": np.concatenate([begin[:, None], durations], axis=1),
        "eyelids": np.clip(eyelids, 0.0, MOST_CLOSED),
        "opening": one[:, 7],
    }


def _spans_ms(uniform: Numbers, per_minute: float, mean_ms: float) -> Numbers:
    """`[N, 2, K]`, start and end of the events of a Poisson process in ms; their length is exponential."""
    wait, length = -np.log1p(-uniform[:, 0]), -np.log1p(-uniform[:, 1])
    start = np.cumsum(wait, axis=-1) * (60_000 / max(per_minute, 1e-9)) - lead_ms(mean_ms)
    start = np.where(per_minute > 0, start, np.inf)
    return np.stack([start, start + mean_ms * length], axis=1)


def most_in(per_minute: float, span_ms: float) -> int:
    """Room for the events of one video: eight standard deviations above the mean and eight more (p < 1e-9)."""
    mean = per_minute * span_ms / 60_000
    return ceil(mean + 8 * sqrt(mean) + 8)


def uniforms(
    key: Key[Array, ""], smiler: npt.NDArray[np.int32], video: npt.NDArray[np.int32], purpose: FaceDraw, count: int
) -> Numbers:
    """`[N, count]` uniform numbers between 0 and 1, neither of them included, of each smiler and video for a purpose.

    The first ones do not depend on `count`.
    """
    seed = [int(word) for word in np.asarray(jax.random.key_data(key)).ravel()]
    drawn = np.empty((len(smiler), count))
    for row, (who, which) in enumerate(zip(smiler.tolist(), video.tolist(), strict=True)):
        own = np.random.SeedSequence([*seed, int(purpose), who, which + 1])
        np.random.Generator(np.random.PCG64(own)).random(out=drawn[row])
    return np.maximum(drawn, 2.0**-54)


def normals(uniform: Numbers) -> Numbers:
    """Standard normal numbers from uniform ones between 0 and 1."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniform), np.float64)
