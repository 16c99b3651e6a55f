"""A study of simulated smiles as videos: what a camera would have recorded, for all that is done with videos of faces."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Array, Key

from smilejax.settings.checks import require_kind
from smilejax.settings.face_simulation_settings import FaceSimulationSettings
from smilejax.simulate.face_courses import SmileCourses, smile_courses, smiler_name
from smilejax.simulate.face_pictures import face_picture, own_generator
from smilejax.simulate.render_face import rendered_frames
from smilejax.simulate.truth import CLASS_NAMES
from smilejax.videos.write_video import check_can_write, write_video

_NOISE = 101
"""Purpose of the noise's random numbers, see `own_generator`."""


def render_videos(
    settings: FaceSimulationSettings,
    folder: Path,
    *,
    key: Key[Array, ""],
    each: Callable[[], object] = lambda: None,
) -> SmileCourses:
    """Render the videos of a study of simulated smiles into a folder, which is made.

    They are called as UvA-NEMO's are, `001_deliberate_smile_1.mp4`, and show `smile_courses(settings, key=key)`. Smilers are
    one photograph in many shapes and colours (see `face_pictures`): they try whether a program works, and say nothing of
    smiles. The mouth stays closed, and a tracker's noise and errors are the tracker's own: of the settings, the measurement
    noise and the proportion of wrong values have no part in it.

    Arguments:
        settings: the study; a frame takes some 40 ms of work.
        folder: where the videos are written, each in one step.
        key: typed JAX key, as from `jax.random.key(0)`. The same key gives the same courses and frames.
        each: called after each video.

    Returns:
        the courses, which are the truth.

    Raises:
        OutputError: the folder cannot be written, or PyAV is not installed.
        ReadError: matplotlib's photograph is not there.
    """
    require_kind(settings, "settings", FaceSimulationSettings)
    check_can_write()
    courses = smile_courses(settings, key=key)
    names = courses.names()
    for smiler in range(settings.smilers):
        face = face_picture(smiler, key=key)
        for row in np.flatnonzero(courses.smiler == smiler).tolist():
            rng = own_generator(key, _NOISE, smiler, int(courses.label[row]), int(courses.take[row]))
            frames = rendered_frames(
                face, courses.corner[row], courses.eyelid[row], courses.head[row], courses.lost[row], rng
            )
            write_video(folder / f"{names[row]}.mp4", frames, settings.rate_hz)
            each()
    return courses


def frames_truth_table(courses: SmileCourses) -> pd.DataFrame:
    """What is true of each frame: `video`, `time_ms`, `lip_corner_left`, `lip_corner_right` (way from the neutral face, in eye
    distances), `eyelids_left`, `eyelids_right` (proportion by which the eye is closed), and whether the face is `hidden`."""
    return pd.concat(_tables(courses), ignore_index=True)


def smiles_truth_table(courses: SmileCourses) -> pd.DataFrame:
    """What is true of each smile: `video`, `smiler`, `label`, and what `SmileTruth` holds."""
    return pd.DataFrame(
        {
            "video": [f"{name}.mp4" for name in courses.names()],
            "smiler": [smiler_name(who) for who in courses.smiler.tolist()],
            "label": [CLASS_NAMES[kind] for kind in courses.label.tolist()],
            **{field.name: getattr(courses.truth, field.name) for field in fields(courses.truth)},
        }
    )


def _tables(courses: SmileCourses) -> Iterator[pd.DataFrame]:
    for row, name in enumerate(courses.names()):
        yield pd.DataFrame(
            {
                "video": f"{name}.mp4",
                "time_ms": courses.time_ms,
                "lip_corner_left": courses.corner[row, :, 0],
                "lip_corner_right": courses.corner[row, :, 1],
                "eyelids_left": courses.eyelid[row, :, 0],
                "eyelids_right": courses.eyelid[row, :, 1],
                "hidden": courses.lost[row],
            }
        )
