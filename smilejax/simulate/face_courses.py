"""The courses of simulated smiles over time: what a face does, before anyone measures it. Videos are rendered from them too."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Array, Bool, Float32, Int32, Key

from smilejax._util import summaries
from smilejax._util.keys import check_key
from smilejax.settings.checks import require_kind
from smilejax.settings.face_simulation_settings import FaceSimulationSettings
from smilejax.simulate.draws import OPENING_MS
from smilejax.simulate.face_draws import Numbers, VideoDraws, draw_videos
from smilejax.simulate.signals import CLOSING_MS

CORNER_OUT = CORNER_UP = 0.5**0.5
"""The way of a lip corner: of one eye distance along its way, it goes so much outwards and so much up, at 45 degrees, which is
the direction in which the measure `lip_corner` looks. Our choice."""
SMILE_KINDS = ("deliberate", "spontaneous")
"""What UvA-NEMO calls posed and genuine smiles in the names of its videos."""
HEAD_HZ = (0.1, 1.0)
"""Band of the head's movements in Hz. Our choice."""
PEAK_SPEED = 1.5
"""Peak speed of a phase, relative to its way divided by its duration: that of `smooth` at its middle."""


@dataclass(frozen=True, eq=False)
class SmileTruth:
    """What is true of N smiles. All `f32[N]`; times in ms from the start of the video, lengths in eye distances."""

    onset_ms: Float32[np.ndarray, " N"]
    """When the smile begins."""
    apex_ms: Float32[np.ndarray, " N"]
    """When the apex is reached."""
    offset_ms: Float32[np.ndarray, " N"]
    """When the apex is left."""
    end_ms: Float32[np.ndarray, " N"]
    """When the face is neutral again; may lie behind the end of the video, as may all of these."""
    amplitude: Float32[np.ndarray, " N"]
    """Way from neutral to apex, mean of both lip corners."""
    asymmetry: Float32[np.ndarray, " N"]
    """(left - right) / (left + right) of the amplitudes, -1 to 1."""
    onset_speed: Float32[np.ndarray, " N"]
    """Peak speed of the onset in eye distances per s, mean of both corners."""
    offset_speed: Float32[np.ndarray, " N"]
    """Peak speed of the offset."""
    eyelid_closing: Float32[np.ndarray, " N"]
    """Proportion by which the smile narrows the eyes at its apex, 0 to 1, without blinks."""


@dataclass(frozen=True, eq=False, repr=False)
class SmileCourses:
    """What the faces in N videos of T frames do. Rows: smilers in turn, of each posed and genuine smiles in alternation.

    Left and right are the smiler's own: the left lip corner is on the right of a picture that is not mirrored.
    """

    smiler: Int32[np.ndarray, " N"]
    """Smiler of each video, 0 to smilers - 1."""
    label: Int32[np.ndarray, " N"]
    """0 posed, 1 genuine."""
    take: Int32[np.ndarray, " N"]
    """Which of the smiler's videos of that class it is, from 1 up."""
    time_ms: Float32[np.ndarray, " T"]
    """Time of each frame from the start of the video."""
    corner: Float32[np.ndarray, "N T 2"]
    """How far the left and right lip corner are from neutral, in eye distances: `CORNER_OUT` of it outwards, `CORNER_UP` up."""
    eyelid: Float32[np.ndarray, "N T 2"]
    """How far the eyelids of the left and right eye are closed: 0 as in the neutral face, 1 closed; by the smile and blinks."""
    opening: Float32[np.ndarray, "N T"]
    """How far the mouth is opened beyond neutral, in eye distances."""
    head: Float32[np.ndarray, "N T 4"]
    """The head in the picture: shift to the right and down, in eye distances; rotation in radians, clockwise as seen; size
    relative to its mean."""
    lost: Bool[np.ndarray, "N T"]
    """Whether the tracker is to lose the face in a frame: hidden in a rendered video."""
    truth: SmileTruth
    """What each smile was drawn with."""

    def __repr__(self) -> str:
        return f"SmileCourses({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("SmileCourses", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        amplitude = float(np.median(self.truth.amplitude)) if len(self.label) else float("nan")
        return [
            ("videos", summaries.counted(len(self.label), "video")),
            ("of", summaries.counted(len(set(self.smiler.tolist())), "smiler")),
            ("classes", summaries.classes(self.label.tolist(), ("posed", "genuine"))),
            ("frames", summaries.counted(len(self.time_ms), "frame")),
            ("amplitude", f"median amplitude {amplitude:.3g} eye distances"),
        ]

    def names(self) -> tuple[str, ...]:
        """N names of videos, in the way of UvA-NEMO: `001_deliberate_smile_2`, `001_spontaneous_smile_2`."""
        rows = zip(self.smiler.tolist(), self.label.tolist(), self.take.tolist(), strict=True)
        return tuple(f"{smiler_name(who)}_{SMILE_KINDS[kind]}_smile_{take}" for who, kind, take in rows)


def smiler_name(number: int) -> str:
    """Name of a smiler, from their number from 0 up: `001`."""
    return f"{number + 1:03d}"


def smile_courses(settings: FaceSimulationSettings, *, key: Key[Array, ""]) -> SmileCourses:
    """The courses of all smiles of a study, as continuous functions of time seen at its frames.

    A lip corner's way from neutral at time t is `a (1 +- asymmetry) rise(t)`, plus for the left one, where `rise` goes
    from 0 to 1 in the onset and back in the offset, each time as `smooth`. The eyelids close by `rise` as well, and by blinks.
    At another frame rate one key gives the same smiles.

    Arguments:
        settings: the study; N = 2 x smilers x videos_per_class videos of `settings.n_frames` frames.
        key: typed JAX key, as from `jax.random.key(0)`.

    Raises:
        SettingsError: `key` is not one typed JAX key.

    Example:
        >>> import jax
        >>> from smilejax.settings import FaceSimulationSettings
        >>> courses = smile_courses(FaceSimulationSettings(smilers=2, videos_per_class=1), key=jax.random.key(0))
        >>> courses.corner.shape, courses.label.tolist()
        ((4, 200, 2), [0, 1, 0, 1])
    """
    check_key(key)
    require_kind(settings, "settings", FaceSimulationSettings)
    return courses_of(settings, draw_videos(settings, key=key))


def courses_of(settings: FaceSimulationSettings, draws: VideoDraws) -> SmileCourses:
    """The courses that follow from the draws."""
    time_ms = np.arange(settings.n_frames, dtype=np.float64) * (1000.0 / settings.rate_hz)
    rise = rise_of(time_ms, draws.phases_ms)
    sides = 1 + np.array([1.0, -1.0]) * draws.asymmetry[:, None]
    blink = _blink(time_ms, draws.blinks_ms)
    eyelid = 1 - (1 - draws.eyelids[:, None] * rise) * (1 - blink)
    return SmileCourses(
        smiler=draws.smiler,
        label=draws.label,
        take=draws.take,
        time_ms=time_ms.astype(np.float32),
        corner=((draws.amplitude[:, None] * rise)[:, :, None] * sides[:, None, :]).astype(np.float32),
        eyelid=np.repeat(eyelid[:, :, None], 2, axis=2).astype(np.float32),
        opening=((draws.amplitude * draws.opening)[:, None] * rise).astype(np.float32),
        head=_head(settings, time_ms, draws.head).astype(np.float32),
        lost=np.any(in_spans(time_ms, draws.losses_ms), axis=2),
        truth=_truth(draws),
    )


def smooth(u: Numbers) -> Numbers:
    """From 0 at u <= 0 to 1 at u >= 1 by `u^2 (3 - 2 u)`, whose slope is 0 at both ends and greatest, 1.5, in the middle."""
    inside = np.clip(u, 0.0, 1.0)
    return np.asarray(inside**2 * (3 - 2 * inside), np.float64)


def rise_of(time_ms: Numbers, phases_ms: Numbers) -> Numbers:
    """`[N, T]`, a smile's course from 0 to 1 and back, from when it begins and the durations of its three phases."""
    begin, onset, apex, offset = (phases_ms[:, at, None] for at in range(4))
    since = time_ms[None, :] - begin
    return smooth(since / onset) * (1 - smooth((since - onset - apex) / offset))


def in_spans(time_ms: Numbers, spans_ms: Numbers) -> Bool[np.ndarray, "N T K"]:
    """Whether each instant lies in each span, from its start to just before its end."""
    time = time_ms[None, :, None]
    return (spans_ms[:, 0, None, :] <= time) & (time < spans_ms[:, 1, None, :])


def _blink(time_ms: Numbers, spans_ms: Numbers) -> Numbers:
    """`[N, T]`, how far blinks close the eyes: 1 within a span, linear in the closing before and the opening after it."""
    time = time_ms[None, :, None]
    open_by = np.maximum((spans_ms[:, 0, None, :] - time) / CLOSING_MS, (time - spans_ms[:, 1, None, :]) / OPENING_MS)
    return 1 - np.clip(np.min(open_by, axis=2, initial=1.0), 0.0, 1.0)


def _head(settings: FaceSimulationSettings, time_ms: Numbers, waves: Numbers) -> Numbers:
    """`[N, T, 4]`, the head's movements: sums of sinusoids, with log-uniform frequencies within `HEAD_HZ`."""
    sizes = (
        settings.head_shift_eye_distances,
        settings.head_shift_eye_distances,
        np.radians(settings.head_roll_deg),
        settings.head_scale,
    )
    low, high = HEAD_HZ
    hz, start = low * (high / low) ** waves[:, 0], 2 * np.pi * waves[:, 1]
    angle = 2 * np.pi * hz[:, None] * time_ms[None, :, None, None] / 1000 + start[:, None]
    moved = np.sqrt(2 / waves.shape[-1]) * np.sin(angle).sum(-1) * np.array(sizes)
    moved[:, :, 3] += 1
    return np.asarray(moved, np.float64)


def _truth(draws: VideoDraws) -> SmileTruth:
    onset, apex, offset, end = np.cumsum(draws.phases_ms, axis=1).T
    way = PEAK_SPEED * draws.amplitude * 1000
    return SmileTruth(
        onset_ms=onset.astype(np.float32),
        apex_ms=apex.astype(np.float32),
        offset_ms=offset.astype(np.float32),
        end_ms=end.astype(np.float32),
        amplitude=draws.amplitude.astype(np.float32),
        asymmetry=draws.asymmetry.astype(np.float32),
        onset_speed=(way / draws.phases_ms[:, 1]).astype(np.float32),
        offset_speed=(way / draws.phases_ms[:, 3]).astype(np.float32),
        eyelid_closing=draws.eyelids.astype(np.float32),
    )
