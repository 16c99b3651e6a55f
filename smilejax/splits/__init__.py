"""Which trials are trained on and which are scored: folds as masks over trials.

Trials of one participant resemble each other, and so do trials of one stimulus. Where the same participant or stimulus is
trained on and scored, a model that only recognises it classifies correctly without any difference between the classes. So a
split is named after what it keeps apart, it is checked before it is returned, and it says where it leaks.
"""

from smilejax.splits.by_group import by_participant, by_smiler, by_stimulus
from smilejax.splits.by_participant_and_stimulus import by_participant_and_stimulus
from smilejax.splits.check_folds import check_folds
from smilejax.splits.fold_names import named
from smilejax.splits.folds import Folds
from smilejax.splits.folds_of_column import folds_of_column
from smilejax.splits.hold_out import hold_out, hold_out_participants, hold_out_smilers, hold_out_trials
from smilejax.splits.inner_validation import inner_validation
from smilejax.splits.shuffled_trials import shuffle_trials
from smilejax.splits.study_design import Design, design_of

__all__ = [
    "Design",
    "Folds",
    "by_participant",
    "by_participant_and_stimulus",
    "by_smiler",
    "by_stimulus",
    "check_folds",
    "design_of",
    "folds_of_column",
    "hold_out",
    "hold_out_participants",
    "hold_out_smilers",
    "hold_out_trials",
    "inner_validation",
    "named",
    "shuffle_trials",
]
