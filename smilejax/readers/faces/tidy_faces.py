"""`Faces` as the tidy table that is read as the layout `faces`."""

import numpy as np
import pandas as pd

from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED
from smilejax.settings.checks import require_kind


def tidy_faces(faces: Faces) -> pd.DataFrame:
    """One row per frame: video, smiler, label, stimulus where there is one, time_ms, confidence where known, and the measures.

    Covariates of the videos, and columns of the user's own, stand in each of their rows. A label that is not known is empty.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.FaceSimulationSettings(smilers=1, videos_per_class=1)
        >>> faces = smilejax.simulate_faces(small, key=jax.random.key(0)).faces
        >>> list(tidy_faces(faces).columns[:5])
        ['video', 'smiler', 'label', 'time_ms', 'confidence']
    """
    require_kind(faces, "faces", Faces)
    row, frame = np.nonzero(faces.inside())
    labels = [faces.class_names[kind] if kind != UNLABELLED else "" for kind in faces.label.tolist()]
    columns: dict[str, object] = {
        "video": np.array(faces.trial, dtype=object)[row],
        "smiler": np.array(faces.participant, dtype=object)[row],
        "label": np.array(labels, dtype=object)[row],
    }
    if faces.stimulus is not None:
        columns["stimulus"] = np.array(faces.stimulus, dtype=object)[row]
    for own in faces.columns:
        columns.setdefault(own.name, np.array(own.values, dtype=object)[row])
    columns["time_ms"] = np.round(faces.start_ms + frame * 1000 / faces.rate_hz, 4)
    if faces.confidence is not None:
        columns["confidence"] = faces.confidence[row, frame]
    if faces.crop is not None:
        columns["crop"] = np.array(faces.crop, dtype=object)[row, frame]
    for at, name in enumerate(faces.channels):
        columns[name] = faces.values[row, frame, at]
    for one in faces.covariates:
        columns[one.name] = np.array(one.values, dtype=object)[row]
    return pd.DataFrame(columns)
