"""What the network is compared with, in the order in which tables show it.

A new classifier is one module that defines one object, and one entry here.
"""

from typing import Any

from smilejax.evaluation.reference.baseline_only import BASELINE_ONLY
from smilejax.evaluation.reference.classifier import Comparison, ReferenceClassifier
from smilejax.evaluation.reference.majority import MAJORITY
from smilejax.evaluation.reference.mask_only import MASK_ONLY
from smilejax.evaluation.reference.minirocket import MINIROCKET
from smilejax.evaluation.reference.pupil_features import PUPIL_FEATURES

COMPARISONS: tuple[Comparison, ...] = (MAJORITY, BASELINE_ONLY, PUPIL_FEATURES, MINIROCKET, MASK_ONLY)
"""Every reference classifier and negative control, those that the network is trained for included."""

# Any: each classifier has types of its own for what it sees and learns, and whoever runs one only hands them on.
REFERENCE_CLASSIFIERS: tuple[ReferenceClassifier[Any, Any], ...] = tuple(
    one for one in COMPARISONS if isinstance(one, ReferenceClassifier)
)
"""Those that `run_reference_classifiers` fits. A contract suite runs over this table: a new entry is tested by being in it."""
