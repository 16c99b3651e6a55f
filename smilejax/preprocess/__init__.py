"""From `Trials` to `Dataset`: one module per step, each a pure function on one trial; `pipeline` composes them."""

from smilejax.preprocess.pipeline import clean, prepare
from smilejax.preprocess.trace import Reason, Trace

__all__ = ["Reason", "Trace", "clean", "prepare"]
