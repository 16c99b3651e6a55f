"""What was recorded, on the host, in NumPy: checked once, when made."""

from smilejax.recordings.faces import STILL_RATE_HZ, Faces
from smilejax.recordings.recording import UNLABELLED, Recording, length_ms
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import MIN_SAMPLES, PLAUSIBLE_MEDIAN_MM, Trials, Unit

__all__ = [
    "MIN_SAMPLES",
    "PLAUSIBLE_MEDIAN_MM",
    "STILL_RATE_HZ",
    "UNLABELLED",
    "Faces",
    "Finding",
    "Recording",
    "Source",
    "Trials",
    "Unit",
    "length_ms",
]
