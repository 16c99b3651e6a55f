"""A study of simulated faces: measures as an idealised face tracker gives them, as `Faces`, and the truth."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd
from jaxtyping import Array, Key

from smilejax._util import summaries
from smilejax._util.keys import check_key
from smilejax.recordings.faces import Faces
from smilejax.recordings.source import Finding, Source
from smilejax.settings.checks import require_kind
from smilejax.settings.face_simulation_settings import FaceSimulationSettings
from smilejax.simulate.face_courses import CORNER_OUT, SmileCourses, courses_of, in_spans, smiler_name
from smilejax.simulate.face_draws import REST, FaceDraw, Numbers, VideoDraws, draw_videos, normals, uniforms
from smilejax.simulate.truth import CLASS_NAMES

CHANNELS = (
    "lip_corner_left",
    "lip_corner_right",
    "mouth_width",
    "mouth_opening",
    "eyelids_left",
    "eyelids_right",
    "cheek_left",
    "cheek_right",
)
"""The simulated measures, named and defined as those of `smilejax track`, all in eye distances."""
CHEEK_SHARE = 0.3
"""How far a cheek is raised, relative to the way of its lip corner. Our choice."""
WRONG_EYE_DISTANCES = 0.15
"""Standard deviation of the error of wrong values in eye distances, constant within a video: as large as a smile is. Ours."""
SURE, UNSURE = (0.9, 1.0), (0.1, 0.4)
"""Range of the tracker's confidence in frames that it measures, and in those in which its values are wrong. Our choice."""


@dataclass(frozen=True, eq=False, repr=False)
class FaceSimulation:
    """A simulated study of faces: what a tracker gives, and the truth."""

    faces: Faces
    courses: SmileCourses
    """What the faces did, and when, as `courses.truth`."""

    def __repr__(self) -> str:
        return f"FaceSimulation({self.faces!r})"

    def _repr_html_(self) -> str:
        return summaries.as_html("FaceSimulation", (("faces", repr(self.faces)),))


def simulate_faces(settings: FaceSimulationSettings, *, key: Key[Array, ""]) -> FaceSimulation:
    """Simulate the faces of smilers, each of whom smiles in several videos of either class, as a tracker measures them.

    What a face does is `smile_courses(settings, key=key)`, for the same key. Each measure is the smiler's neutral face, plus
    that (cheeks go `CHEEK_SHARE` of the way of the lip corners), plus noise of each frame. In a lost frame all measures are
    missing and the confidence is 0, or they are wrong and the confidence is low. Movements of the head leave the measures as
    they are: the tracker is an ideal one in that respect. Neither losses, confidence, head nor blinks depend on the class.

    Arguments:
        settings: the study; N = 2 x smilers x videos_per_class videos.
        key: typed JAX key, as from `jax.random.key(0)`. The same key gives the same study bit for bit on one machine.

    Raises:
        SettingsError: `key` is not one typed JAX key.
        FacesError: no frame of the study is left.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.FaceSimulationSettings(smilers=2, videos_per_class=1)
        >>> smilejax.simulate_faces(small, key=jax.random.key(0)).faces.values.shape
        (4, 200, 8)
    """
    check_key(key)
    require_kind(settings, "settings", FaceSimulationSettings)
    draws = draw_videos(settings, key=key)
    courses = courses_of(settings, draws)
    missing, wrong = _losses(courses, draws)
    values = _measured(settings, courses, draws, key=key)
    error = WRONG_EYE_DISTANCES * _normal(draws, FaceDraw.WRONG, len(CHANNELS), key=key)
    values += np.where(wrong[:, :, None], error[:, None, :], 0.0)
    sure = uniforms(key, draws.smiler, _video(draws), FaceDraw.CONFIDENCE, settings.n_frames)
    (least, most), (low, high) = SURE, UNSURE
    confidence = np.where(wrong, low + (high - low) * sure, least + (most - least) * sure)
    faces = Faces(
        values=np.where(missing[:, :, None], np.nan, values),
        channels=CHANNELS,
        length=np.full(settings.n_videos, settings.n_frames),
        rate_hz=settings.rate_hz,
        label=courses.label,
        class_names=CLASS_NAMES,
        trial=courses.names(),
        participant=tuple(smiler_name(who) for who in courses.smiler.tolist()),
        confidence=np.where(missing, 0.0, confidence).astype(np.float32),
        source=_source(settings),
    )
    return FaceSimulation(faces, courses)


def face_truth_table(simulation: FaceSimulation) -> pd.DataFrame:
    """The truth, one row for each video: `participant`, `trial`, `label`, and what `SmileTruth` holds."""
    require_kind(simulation, "simulation", FaceSimulation)
    faces, truth = simulation.faces, simulation.courses.truth
    return pd.DataFrame(
        {
            "participant": faces.participant,
            "trial": faces.trial,
            "label": [CLASS_NAMES[kind] for kind in faces.label.tolist()],
            **{field.name: getattr(truth, field.name) for field in fields(truth)},
        }
    )


def _measured(
    settings: FaceSimulationSettings, courses: SmileCourses, draws: VideoDraws, *, key: Key[Array, ""]
) -> Numbers:
    """`[N, T, C]`, the measures of every frame, were no face ever lost."""
    rest = dict(zip(REST, draws.rest.T[:, :, None], strict=True))
    apart = dict(zip(REST, draws.rest_left.T[:, :, None] / 2, strict=True))
    columns: dict[str, Numbers] = {
        "mouth_width": rest["mouth_width"] + CORNER_OUT * courses.corner.sum(2),
        "mouth_opening": rest["mouth_opening"] + courses.opening,
    }
    for lane, (side, sign) in enumerate((("left", 1), ("right", -1))):
        own = {name: rest[name] + sign * apart[name] for name in REST}
        columns[f"lip_corner_{side}"] = own["lip_corner"] + courses.corner[:, :, lane]
        columns[f"eyelids_{side}"] = own["eyelids"] * (1 - courses.eyelid[:, :, lane])
        columns[f"cheek_{side}"] = own["cheek"] + CHEEK_SHARE * courses.corner[:, :, lane]
    clean = np.stack([columns[name] for name in CHANNELS], axis=2)
    noise = _normal(draws, FaceDraw.NOISE, clean.shape[1] * clean.shape[2], key=key)
    return clean + settings.noise_eye_distances * noise.reshape(clean.shape)


def _losses(courses: SmileCourses, draws: VideoDraws) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """`bool[N, T]` twice: frames that are missing, and frames whose values are wrong; a frame of both kinds is missing."""
    lost = in_spans(courses.time_ms.astype(np.float64), draws.losses_ms)
    missing = np.any(lost & ~draws.wrong[:, None, :], axis=2)
    return missing, courses.lost & ~missing


def _normal(draws: VideoDraws, purpose: FaceDraw, count: int, *, key: Key[Array, ""]) -> Numbers:
    return normals(uniforms(key, draws.smiler, _video(draws), purpose, count))


def _video(draws: VideoDraws) -> npt.NDArray[np.int32]:
    """Number of each video among those of its smiler."""
    return (2 * (draws.take - 1) + draws.label).astype(np.int32)


def _source(settings: FaceSimulationSettings) -> Source:
    """Where the videos came from, with every setting as a finding, the effect first."""
    ordered = sorted(fields(settings), key=lambda field: field.name != "effect")
    default = FaceSimulationSettings()
    findings = []
    for name in (field.name for field in ordered):
        value = getattr(settings, name)
        findings.append(Finding(name, str(value), "default" if value == getattr(default, name) else "given"))
    return Source("simulation", "simulated", tuple(findings))
