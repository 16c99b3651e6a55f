"""Label permutations for permutation tests: labels are exchanged among the units that carry them in the study's design.

A permutation test compares the score on the true labels with scores on permuted labels, and is valid if the true labels
were as likely as the permuted ones. Where each stimulus has one label for all participants, labels are therefore permuted
among stimuli. Permuted among single trials instead, a model that recognises stimuli would score high on the true labels and
at chance on the permuted ones, and every study would be significant. Permuted within participants who have one label each,
nothing would change, and p would be 1. (The test: Ojala & Garriga 2010, JMLR 11:1833.)
"""

from smilejax.settings import Scheme
from smilejax.splits.permutations.permute import PermutedLabels, permute_labels
from smilejax.splits.permutations.permute_for_folds import (
    check_classes,
    permute_labels_for_folds,
    smallest_attainable_p_of,
    with_both_classes,
)
from smilejax.splits.permutations.schemes import (
    MORE,
    PERMUTED,
    PermutationScheme,
    check_scheme,
    permutation_scheme,
    where_permuted,
)

__all__ = [
    "MORE",
    "PERMUTED",
    "PermutationScheme",
    "PermutedLabels",
    "Scheme",
    "check_classes",
    "check_scheme",
    "permutation_scheme",
    "permute_labels",
    "permute_labels_for_folds",
    "smallest_attainable_p_of",
    "where_permuted",
    "with_both_classes",
]
