"""Who is trained on and who is scored: masks over trials.

Trials of one participant resemble each other, and so do viewings of one stimulus. A model that only recognises either is
right without any effect of the smile, as soon as the same one is trained on and scored. So a split is named after what it
keeps apart, it is checked before it is handed out, and where it leaks it says so.
"""

from smilejax.splits.checking import check_folds
from smilejax.splits.crossed import by_participant_and_stimulus
from smilejax.splits.design import Design, design_of
from smilejax.splits.folds import Folds
from smilejax.splits.grouped import by_participant, by_smiler, by_stimulus
from smilejax.splits.held_out import hold_out, hold_out_trials
from smilejax.splits.masks import hold_out_participants, hold_out_smilers
from smilejax.splits.naming import named
from smilejax.splits.shuffled import shuffle_trials
from smilejax.splits.validation import inner_validation

__all__ = [
    "Design",
    "Folds",
    "by_participant",
    "by_participant_and_stimulus",
    "by_smiler",
    "by_stimulus",
    "check_folds",
    "design_of",
    "hold_out",
    "hold_out_participants",
    "hold_out_smilers",
    "hold_out_trials",
    "inner_validation",
    "named",
    "shuffle_trials",
]
