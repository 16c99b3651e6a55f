"""Controls: classifiers that run beside the network, on the same folds and labels, so that a verdict can say what they reach.

A network that beats chance has found something. Whether it took a network to find it, the usual measures of a pupil trace
and a fixed convolution can say; whether it lies in the response at all, what is known without it.
"""

from smilejax.controls.features import pupil_features
from smilejax.controls.masks import mask_only, mask_recipe
from smilejax.controls.running import ControlResult, run_controls
from smilejax.controls.table import CONTROLS, Control

__all__ = ["CONTROLS", "Control", "ControlResult", "mask_only", "mask_recipe", "pupil_features", "run_controls"]
