"""The apex of each smile as a single frame: what a photo would have shown."""

from dataclasses import replace
from typing import Any

import numpy as np

from smilejax._util.errors import FacesError, listed
from smilejax._util.number_text import several
from smilejax.recordings.face_crops import FaceCrops
from smilejax.recordings.face_measures import smile_measures
from smilejax.recordings.faces import STILL_RATE_HZ, Faces
from smilejax.recordings.source import Finding

LEAST_CONFIDENCE = 0.5
"""A frame of which the tracker is less sure is no apex. Our choice."""


def apex_frames(faces: Faces) -> Faces:
    """Of each video the frame in which the smile is greatest, as single frames. Single frames are given back as they are.

    The smile's course is the mean of the measures that rise with it (`smile_measures`), in frames of which the tracker is sure.
    A video without any such frame gives its first one.

    Raises:
        FacesError: no measure rises with a smile.

    Example:
        >>> names = {"class_names": ("posed", "genuine"), "trial": ("v1", "v2"), "participant": ("ann", "bob")}
        >>> values = np.array([[0, 2, 1], [3, 2, 1]], np.float32)[:, :, None]
        >>> label, length = np.array([0, 1]), np.array([3, 3])
        >>> made = Faces(values=values, channels=("AU12",), length=length, rate_hz=25.0, label=label, **names)
        >>> apex_frames(made).values.ravel().tolist()
        [2.0, 3.0]
    """
    if faces.stills:
        return faces
    names = smile_measures(faces.channels)
    if not names:
        raise FacesError(
            f"no measure that rises with a smile is among {listed(faces.channels)}, so that there is no apex to find."
        )
    course = faces.values[:, :, [faces.channels.index(name) for name in names]].mean(axis=2)
    usable = np.isfinite(course) & faces.inside()
    if faces.confidence is not None:
        usable &= ~(faces.confidence < LEAST_CONFIDENCE)
    at = np.where(usable, course, -np.inf).argmax(axis=1)
    rows = np.arange(len(faces))
    pixels: dict[str, Any] = {}  # of a class of recordings that has them
    if isinstance(faces, FaceCrops):
        pixels = {"pixels": faces.pixels[rows, at][:, None], "there": faces.there[rows, at][:, None]}
    said = Finding(
        "single frames",
        f"the apex of {several(len(faces), 'video')}, by {' and '.join(names)}; no change in time",
        "given",
    )
    return replace(
        faces,
        values=faces.values[rows, at][:, None],
        confidence=None if faces.confidence is None else faces.confidence[rows, at][:, None],
        length=np.ones(len(faces), np.int32),
        rate_hz=STILL_RATE_HZ,
        start_ms=0.0,
        crop=None
        if faces.crop is None
        else tuple((faces.crop[row][frame],) for row, frame in zip(rows, at, strict=True)),
        **pixels,
        source=replace(faces.source, findings=(*faces.source.findings, said)),
    )
