"""From `Trials` to `Dataset`: one module per step, each a pure function on one trial; `pipeline` composes them."""

from smilejax.preprocess.pipeline import Cleaned, clean, prepare
from smilejax.preprocess.quality import Quality
from smilejax.preprocess.trace import Reason, Trace

__all__ = ["Cleaned", "Quality", "Reason", "Trace", "clean", "prepare"]
