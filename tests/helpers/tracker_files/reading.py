"""What tests of all trackers' readers ask: what a reader makes of a file, and that it is what was recorded."""

from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
from helpers.tracker_files.tobii import Truth

from smilejax.readers.given import Given
from smilejax.readers.samples import NameRole, Samples
from smilejax.settings import ReadSettings


def read(reader: ModuleType, path: Path, settings: ReadSettings | None = None) -> Samples:
    """The samples of a file that the reader recognises."""
    settings = settings or ReadSettings()
    given = Given(path)
    assert reader.recognises(given, settings)
    return reader.read(given, settings)


def used(samples: Samples) -> npt.NDArray[np.float64]:
    """Pupils that may be used: those above zero that are not marked."""
    pupil = np.where(samples.pupil > 0, samples.pupil, np.nan)
    return pupil if samples.invalid is None else np.where(samples.invalid, np.nan, pupil)


def names(samples: Samples, role: NameRole) -> list[str]:
    """The name of each row."""
    return [samples.names[role].at(row) for row in range(len(samples))]


def assert_recorded(samples: Samples, truth: Truth, atol: float = 0.0) -> None:
    """Every sample is there, with its pupils and names, and no other."""
    np.testing.assert_allclose(used(samples), truth.pupil, rtol=0, atol=atol)
    assert samples.eyes == ("left", "right")
    assert names(samples, "participant") == list(truth.participant)


def said(samples: Samples, what: str) -> str:
    """What findings of this name say."""
    return "; ".join(f"{f.how}: {f.value}" for f in samples.findings if f.what == what)
