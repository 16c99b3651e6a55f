"""What was recorded, on the host, in NumPy: checked once, when made."""

from smilejax.recordings.trials import MIN_SAMPLES, PLAUSIBLE_MEDIAN_MM, UNLABELLED, Finding, Source, Trials, Unit

__all__ = ["MIN_SAMPLES", "PLAUSIBLE_MEDIAN_MM", "UNLABELLED", "Finding", "Source", "Trials", "Unit"]
