"""What the network is compared with, in the order in which tables show it.

A new classifier is one module that defines one object, and one entry here.
"""

from typing import Any

from smilejax.classifiers.baseline_only import BASELINE_ONLY
from smilejax.classifiers.classifier import Comparison, OfferedClassifier, ReferenceClassifier
from smilejax.classifiers.coarse_crops import COARSE_CROPS
from smilejax.classifiers.majority import MAJORITY
from smilejax.classifiers.mask_only import MASK_ONLY
from smilejax.classifiers.minirocket import MINIROCKET
from smilejax.classifiers.network_alone import NETWORK_ALONE
from smilejax.classifiers.pupil_features import PUPIL_FEATURES
from smilejax.classifiers.smile_dynamics import SMILE_DYNAMICS
from smilejax.classifiers.stimulus_covariates import STIMULUS_COVARIATES
from smilejax.classifiers.video_controls import VIDEO_CONTROLS
from smilejax.settings.classifier_names import ClassifierKind

COMPARISONS: tuple[Comparison, ...] = (
    MAJORITY,
    BASELINE_ONLY,
    PUPIL_FEATURES,
    SMILE_DYNAMICS,
    COARSE_CROPS,
    MINIROCKET,
    STIMULUS_COVARIATES,
    *VIDEO_CONTROLS,
    MASK_ONLY,
    NETWORK_ALONE,
)
"""Every reference classifier and negative control, those that the network is trained for included."""

# Any: each classifier has types of its own for what it sees and learns, and whoever runs one only hands them on.
REFERENCE_CLASSIFIERS: tuple[ReferenceClassifier[Any, Any], ...] = tuple(
    one for one in COMPARISONS if isinstance(one, ReferenceClassifier)
)
"""Those that `run_reference_classifiers` fits. A contract suite runs over this table: a new entry is tested by being in it."""

OFFERED: dict[str, OfferedClassifier[Any, Any]] = {
    one.name: one for one in COMPARISONS if isinstance(one, OfferedClassifier)
}
"""Those that can be judged, trained and saved themselves."""

_BY_NAME = {one.name: one for one in COMPARISONS}


def classifier_label(name: str) -> str:
    """The label of a classifier; of one that is not in the table, its name."""
    return _BY_NAME[name].label if name in _BY_NAME else name


def classifier_kind(name: str) -> ClassifierKind:
    """What a classifier is there for; one that is not in the table is taken to see the pupil's response."""
    return _BY_NAME[name].kind if name in _BY_NAME else "reference"
