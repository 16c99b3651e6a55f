"""`FaceRows`: what a reader of faces makes of its file, one row per frame. `assemble_faces` makes `Faces` of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax.readers.samples import Names
from smilejax.recordings.source import Finding


@dataclass(frozen=True, eq=False)
class FaceRows:
    """S frames of videos, in the order of the file; no number is changed.

    Arguments:
        file: for messages. line: `i64[S]`, lines of the file, from 1.
        names: of each row: "video" and "smiler", and where the file has them "label" and "stimulus".
        time_ms: `f64[S]`, NaN where a row has none; None where the file has no time, as tables of photos.
        values: `f64[S, C]`, measures; NaN is missing. channels: their names.
        confidence: `f64[S]`, 0 to 1; None where the file gives none.
        crop: S names of crops, empty where a frame has none; None where the file names none.
        covariates: `f64[S]` by name, of the videos, see `VIDEO_COLUMNS`.
        findings: what the reader understood. place: what a row is called in messages, `line` or `row`.
    """

    file: str
    line: npt.NDArray[np.int64]
    names: Mapping[str, Names]
    time_ms: npt.NDArray[np.float64] | None
    values: npt.NDArray[np.float64]
    channels: tuple[str, ...]
    confidence: npt.NDArray[np.float64] | None
    covariates: Mapping[str, npt.NDArray[np.float64]]
    findings: tuple[Finding, ...] = ()
    crop: tuple[str, ...] | None = None
    place: str = "line"

    def at(self, row: np.integer | int) -> str:
        """How messages name a row: `line 12`."""
        return f"{self.place} {self.line[row]}"
