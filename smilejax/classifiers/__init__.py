"""Reference classifiers and negative controls: what the network is compared with, on the same folds and labels.

A network above chance has found something. Reference classifiers show whether a network was needed: the usual measures of a
pupil response, or fixed convolutions, may reach as much. Negative controls show whether it need be the response: they see
nothing of it.
"""

from smilejax.classifiers.classifier import Comparison, ReferenceClassifier, TrialInfo
from smilejax.classifiers.mask_only import MASK_ONLY, mask_only, mask_recipe
from smilejax.classifiers.network_alone import NETWORK_ALONE
from smilejax.classifiers.pupil_features import pupil_features
from smilejax.classifiers.registry import COMPARISONS, REFERENCE_CLASSIFIERS
from smilejax.classifiers.run_classifiers import ReferenceResult, run_reference_classifiers
from smilejax.classifiers.smile_dynamics import SMILE_FEATURES, smile_dynamics

__all__ = [
    "COMPARISONS",
    "MASK_ONLY",
    "NETWORK_ALONE",
    "REFERENCE_CLASSIFIERS",
    "SMILE_FEATURES",
    "Comparison",
    "ReferenceClassifier",
    "ReferenceResult",
    "TrialInfo",
    "mask_only",
    "mask_recipe",
    "pupil_features",
    "run_reference_classifiers",
    "smile_dynamics",
]
