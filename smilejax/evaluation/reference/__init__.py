"""Controls: classifiers that run beside the network, on the same folds and labels, so that a verdict can say what they reach.

A network that beats chance has found something. Whether it took a network to find it, the usual measures of a pupil trace
and a fixed convolution can say; whether it lies in the response at all, what is known without it.
"""

from smilejax.evaluation.reference.mask_only import mask_only, mask_recipe
from smilejax.evaluation.reference.pupil_features import pupil_features
from smilejax.evaluation.reference.registry import REFERENCE_CLASSIFIERS, ReferenceClassifier
from smilejax.evaluation.reference.run_classifiers import ReferenceResult, run_reference_classifiers

__all__ = [
    "REFERENCE_CLASSIFIERS",
    "ReferenceClassifier",
    "ReferenceResult",
    "mask_only",
    "mask_recipe",
    "pupil_features",
    "run_reference_classifiers",
]
