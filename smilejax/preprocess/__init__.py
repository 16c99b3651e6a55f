"""From a recording to a `Dataset`: a recipe of steps, run on all trials in one compiled call."""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

if TYPE_CHECKING:
    from smilejax.preprocess.cleaning import clean as clean
    from smilejax.preprocess.cleaning import prepare as prepare
    from smilejax.preprocess.dataset import Dataset as Dataset
    from smilejax.preprocess.face_recipe import FaceRecipe as FaceRecipe
    from smilejax.preprocess.pipeline import Cleaned as Cleaned
    from smilejax.preprocess.reasons import Reason as Reason
    from smilejax.preprocess.recipe import Recipe as Recipe
    from smilejax.preprocess.signal.trace import Trace as Trace
    from smilejax.preprocess.trial_quality import Quality as Quality
    from smilejax.preprocess.trial_status import TrialStatus as TrialStatus

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Cleaned": "preprocess.pipeline",
        "Dataset": "preprocess.dataset",
        "FaceRecipe": "preprocess.face_recipe",
        "Quality": "preprocess.trial_quality",
        "Reason": "preprocess.reasons",
        "Recipe": "preprocess.recipe",
        "Trace": "preprocess.signal.trace",
        "TrialStatus": "preprocess.trial_status",
        "clean": "preprocess.cleaning",
        "prepare": "preprocess.cleaning",
    },
)
