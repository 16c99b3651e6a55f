"""Logistic regression on the dynamics of a smile that have been published: phases, speeds, accelerations, asymmetry, eyelids.

After Dibeklioglu et al. (2012) and Schmidt et al. (2006), of whom we read the abstracts only: which quantities matter is
theirs, the exact definitions here are ours. It is for faces what pupil features are for pupils.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import OfferedClassifier, TrialInfo
from smilejax.classifiers.smile_phases import HIGH, LOW, SmilePhases, find_phases, in_apex, in_offset, in_onset
from smilejax.preprocess.channels import MASK
from smilejax.preprocess.dataset import Dataset
from smilejax.recordings.face_measures import smile_measures
from smilejax.recordings.kinds import FACE

EYES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("eyelids_left", "eyelids_right"), -1.0),
    (("eye_squint_left", "eye_squint_right"), 1.0),
    (("AU06",), 1.0),
)
"""Measures that tell how a smile narrows the eyes, the first to be preferred, and whether they rise or fall as it does."""
SCHMIDT, DIBEKLIOGLU, OURS = "Schmidt et al. (2006)", "Dibeklioglu et al. (2012)", "ours"


class Seen(NamedTuple):
    """One smile. Courses are `f32[T]` in the unit of their measure."""

    course: Array
    """Mean of the lip corners, or of what follows the smile otherwise."""
    sides: Array
    """`[2, T]`, left and right lip corner; what is not there is never read."""
    eyes: Array
    """How far the eyes are narrowed, relative to the frames before the smile."""
    valid: Array
    phases: SmilePhases
    rate_hz: float


@dataclass(frozen=True)
class SmileFeature:
    """One property of a smile.

    Arguments:
        name: in tables.
        words: its definition.
        unit: `x` stands for that of the course.
        source: who reported that quantity of smiles; definitions are ours.
        needs: `sides` or `eyes` where these measures must be there.
        of: from one smile to `f32[]`; NaN where it cannot be told.
    """

    name: str
    words: str
    unit: str
    source: str
    of: Callable[[Seen], Float[Array, ""]]
    needs: str = ""


PhaseFrames = Callable[[SmilePhases, int], Bool[Array, " T"]]


def _mean(values: Float[Array, " T"], over: Bool[Array, " T"]) -> Float[Array, ""]:
    count = jnp.sum(over).astype(values.dtype)
    return jnp.where(count > 0, jnp.sum(jnp.where(over, values, 0.0)) / jnp.maximum(count, 1), jnp.nan)


def _most(values: Float[Array, " K"], over: Bool[Array, " K"]) -> Float[Array, ""]:
    return jnp.where(jnp.any(over), jnp.max(jnp.where(over, values, -jnp.inf)), jnp.nan)


def _duration(times: Float[Array, " 2"], rate_hz: float) -> Float[Array, ""]:
    return (times[1] - times[0]) / rate_hz


def _apex_duration(seen: Seen) -> Float[Array, ""]:
    return (seen.phases.offset[0] - seen.phases.onset[1]) / seen.rate_hz


def _peak_speed(course: str, frames: PhaseFrames, sign: float) -> Callable[[Seen], Float[Array, ""]]:
    def of(seen: Seen) -> Float[Array, ""]:
        values, over = getattr(seen, course), frames(seen.phases, len(seen.valid)) & seen.valid
        return _most(sign * jnp.diff(values) * seen.rate_hz, over[1:] & over[:-1] & seen.phases.rises)

    return of


def _peak_acceleration(frames: PhaseFrames) -> Callable[[Seen], Float[Array, ""]]:
    def of(seen: Seen) -> Float[Array, ""]:
        second = jnp.abs(jnp.diff(seen.course, n=2)) * seen.rate_hz**2
        known = seen.valid[2:] & seen.valid[1:-1] & seen.valid[:-2]
        return _most(second, known & frames(seen.phases, len(seen.valid))[1:-1] & seen.phases.rises)

    return of


def _asymmetry(frames: PhaseFrames) -> Callable[[Seen], Float[Array, ""]]:
    def of(seen: Seen) -> Float[Array, ""]:
        left, right = _rises(seen)
        over = frames(seen.phases, len(seen.valid)) & seen.valid & seen.phases.rises
        return jnp.abs(_mean(left - right, over)) / seen.phases.amplitude

    return of


def _rises(seen: Seen) -> tuple[Float[Array, " T"], Float[Array, " T"]]:
    """Left and right corner, relative to where they were when the course was least before the apex."""
    neutral = (jnp.arange(len(seen.valid)) <= seen.phases.frames[0]) & seen.valid
    left, right = (side - _mean(side, neutral) for side in seen.sides)
    return left, right


def _delay(seen: Seen) -> Float[Array, ""]:
    """Time between the moments at which either corner has first come half of its own way to the apex."""
    at = [_half_way(side, seen) for side in _rises(seen)]
    return jnp.abs(at[0] - at[1]) / seen.rate_hz


def _half_way(side: Float[Array, " T"], seen: Seen) -> Float[Array, ""]:
    """When, in frames, a course has first come half of its way to its mean in the apex; NaN where it never does."""
    steps = len(side)
    apex = in_apex(seen.phases, steps)
    half = _mean(side, apex & seen.valid) / 2
    late = (side >= half) & seen.valid & (in_onset(seen.phases, steps) | apex)
    frame = jnp.argmax(late)
    before = jnp.maximum(frame - 1, 0)
    way = side[frame] - side[before]
    inside = (frame > 0) & seen.valid[before] & (way > 0)
    part = jnp.where(inside, (side[frame] - half) / jnp.where(way > 0, way, 1.0), 0.0)
    moment = frame.astype(side.dtype) - jnp.clip(part, 0.0, 1.0)
    return jnp.where(jnp.any(late) & seen.phases.rises, moment, jnp.nan)


def _eyes_in(frames: PhaseFrames) -> Callable[[Seen], Float[Array, ""]]:
    def of(seen: Seen) -> Float[Array, ""]:
        return _mean(seen.eyes, frames(seen.phases, len(seen.valid)) & seen.valid & seen.phases.rises)

    return of


def _phase_duration(phase: str) -> Callable[[Seen], Float[Array, ""]]:
    return lambda seen: _duration(getattr(seen.phases, phase), seen.rate_hz)


def _mean_speed(phase: str, way: str) -> Callable[[Seen], Float[Array, ""]]:
    """Of the part of a phase from 10 to 90 %."""
    duration = _phase_duration(phase)
    return lambda seen: (HIGH - LOW) * getattr(seen.phases, way) / duration(seen)


def _amplitude(seen: Seen) -> Float[Array, ""]:
    return jnp.where(seen.phases.rises, seen.phases.amplitude, jnp.nan)


def _decline(seen: Seen) -> Float[Array, ""]:
    return jnp.where(seen.phases.falls, seen.phases.decline, jnp.nan)


_MOST = "greatest {} between two frames of the phase"
_SIDES = "difference of the corners' mean rises in the {}, whatever its sign, by the amplitude"
_EYES = "mean narrowing of the eyes in the {}, relative to before the smile"

SMILE_FEATURES: tuple[SmileFeature, ...] = (
    SmileFeature("onset duration", "from 10 to 90 % of the rise", "s", SCHMIDT, _phase_duration("onset")),
    SmileFeature("apex duration", "from the onset's end to the offset's beginning", "s", DIBEKLIOGLU, _apex_duration),
    SmileFeature("offset duration", "from 10 to 90 % of the fall", "s", SCHMIDT, _phase_duration("offset")),
    SmileFeature("amplitude", "rise of the lip corners", "x", SCHMIDT, _amplitude),
    SmileFeature("decline", "fall of the lip corners", "x", DIBEKLIOGLU, _decline),
    SmileFeature("onset mean speed", "from 10 to 90 % of the rise", "x/s", SCHMIDT, _mean_speed("onset", "amplitude")),
    SmileFeature("onset peak speed", _MOST.format("rise"), "x/s", DIBEKLIOGLU, _peak_speed("course", in_onset, 1.0)),
    SmileFeature("offset mean speed", "from 10 to 90 % of the fall", "x/s", SCHMIDT, _mean_speed("offset", "decline")),
    SmileFeature("offset peak speed", _MOST.format("fall"), "x/s", DIBEKLIOGLU, _peak_speed("course", in_offset, -1.0)),
    SmileFeature(
        "onset peak acceleration", "greatest second difference", "x/s2", DIBEKLIOGLU, _peak_acceleration(in_onset)
    ),
    SmileFeature(
        "offset peak acceleration", "greatest second difference", "x/s2", DIBEKLIOGLU, _peak_acceleration(in_offset)
    ),
    SmileFeature("onset asymmetry", _SIDES.format("onset"), "", DIBEKLIOGLU, _asymmetry(in_onset), "sides"),
    SmileFeature("apex asymmetry", _SIDES.format("apex"), "", SCHMIDT, _asymmetry(in_apex), "sides"),
    SmileFeature("offset asymmetry", _SIDES.format("offset"), "", DIBEKLIOGLU, _asymmetry(in_offset), "sides"),
    SmileFeature("delay between corners", "time between their half ways to the apex", "s", OURS, _delay, "sides"),
    SmileFeature("eyes in the onset", _EYES.format("onset"), "e", DIBEKLIOGLU, _eyes_in(in_onset), "eyes"),
    SmileFeature("eyes in the apex", _EYES.format("apex"), "e", DIBEKLIOGLU, _eyes_in(in_apex), "eyes"),
    SmileFeature("eyes in the offset", _EYES.format("offset"), "e", DIBEKLIOGLU, _eyes_in(in_offset), "eyes"),
    SmileFeature(
        "eyes' peak speed", _MOST.format("narrowing"), "e/s", OURS, _peak_speed("eyes", in_onset, 1.0), "eyes"
    ),
)
"""Every feature, in the order of the columns. In units, `x` is that of the course of the smile (eye distances, for lip corners)
and `e` that of the eyes' measure."""


@dataclass(frozen=True)
class _Lanes:
    """Columns of a dataset from which the courses of a smile are made."""

    course: tuple[int, ...]
    sides: tuple[int, ...]
    eyes: tuple[int, ...]
    narrowing: float
    rising: float = 1.0

    @property
    def features(self) -> tuple[SmileFeature, ...]:
        """The features that these measures allow."""
        there = {"": True, "sides": len(self.sides) == 2, "eyes": bool(self.eyes)}
        return tuple(one for one in SMILE_FEATURES if there[one.needs])


def _lanes(dataset: Dataset) -> _Lanes | None:
    """Where the courses are; None where no measure follows the smile.

    Where the missing-data mask is all that there is, given as a signal, a gap takes the place of the smile: the negative
    control of this classifier.
    """
    names = [channel.name for channel in dataset.channels]
    alone = names == [MASK.name] and not dataset.channels[0].mask
    course = (MASK.name,) if alone else smile_measures(tuple(names))
    if not course:
        return None
    eyes, sign = next(((row, sign) for row, sign in EYES if set(row) <= set(names)), ((), 1.0))
    at = tuple(names.index(name) for name in course)
    both = at if len(at) == 2 else ()
    return _Lanes(at, both, tuple(names.index(name) for name in eyes), sign, -1.0 if alone else 1.0)


def smile_dynamics(dataset: Dataset) -> tuple[tuple[str, ...], Float[Array, "N P"]]:
    """The features of `SMILE_FEATURES` of each video that its measures allow.

    Arguments:
        dataset: N videos of faces, of which a measure follows the smile.

    Returns:
        Names, and values `f32[N, P]`; NaN where a feature cannot be told: no smile, or no offset within the video.

    Raises:
        ValueError: no measure follows the smile.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.FaceSimulationSettings(smilers=2, videos_per_class=1)
        >>> faces = smilejax.simulate_faces(small, key=jax.random.key(0)).faces
        >>> names, values = smile_dynamics(smilejax.prepare(faces, smilejax.FaceRecipe()))
        >>> names[:3], values.shape
        (('onset duration', 'apex duration', 'offset duration'), (4, 19))
    """
    lanes = _lanes(dataset)
    if lanes is None:
        raise ValueError(NO_SMILE)
    names = tuple(one.name for one in lanes.features)
    return names, _all(dataset.x, dataset.valid, lanes=lanes, rate_hz=dataset.rate_hz)


@partial(jax.jit, static_argnames=("lanes", "rate_hz"))
def _all(x: Float[Array, "N T C"], valid: Bool[Array, "N T"], *, lanes: _Lanes, rate_hz: float) -> Float[Array, "N P"]:
    def one(x: Float[Array, "T C"], valid: Bool[Array, " T"]) -> Float[Array, " P"]:
        course = lanes.rising * jnp.mean(x[:, np.array(lanes.course)], axis=1)
        phases = find_phases(course, valid)
        sides = x[:, np.array(lanes.sides or (0, 0))].T
        eyes = lanes.narrowing * jnp.mean(x[:, np.array(lanes.eyes or (0,))], axis=1)
        before = (jnp.arange(len(valid)) <= phases.frames[0]) & valid
        seen = Seen(course, sides, eyes - _mean(eyes, before), valid, phases, rate_hz)
        found = jnp.stack([feature.of(seen) for feature in lanes.features])
        return jnp.where(jnp.isfinite(found), found, jnp.nan)

    found: Array = jax.vmap(one)(x, valid)
    return found


NO_SMILE = "no measure follows the smile (lip corners, smile blendshapes, AU12, or the mouth's width)"
STILLS = "videos have fewer than three frames, in which nothing can be said of a course in time"


def _why_not(info: TrialInfo) -> str:
    if _lanes(info.dataset) is None:
        return NO_SMILE
    return STILLS if info.dataset.x.shape[1] < 3 else ""


def _see(info: TrialInfo) -> Float[Array, "N P"]:
    return smile_dynamics(info.dataset)[1]


def _given(info: TrialInfo) -> bool:
    return _lanes(info.dataset) is not None


SMILE_DYNAMICS: OfferedClassifier[Float[Array, "N P"], logistic_regression.StandardisedFeatures] = OfferedClassifier(
    name="dynamics",
    label="Smile dynamics, logistic regression",
    only_for=FACE,
    kind="reference",
    words="logistic regression on the published dynamics of a smile: duration, amplitude, speed and acceleration of onset and "
    "offset, duration of the apex, and, where they were measured, asymmetry of the lip corners and narrowing of the eyes",
    why_not=_why_not,
    see=_see,
    learn=logistic_regression.fit_logistic,
    predict=logistic_regression.logistic_predictions,
    log_odds=logistic_regression.logistic_log_odds,
    fit=logistic_regression.fit_kept,
    apply=logistic_regression.apply_kept,
    given=_given,
)
