"""Permutations: labels permuted where the design of the study puts them, for permutation tests.

A permutation test asks how a study would have come out, had its labels been dealt otherwise. So they must be dealt as they
could have been: where each video is genuine or posed for all who watch it, labels are permuted among videos. Permuted
among trials instead, a model that recognises videos would find the true labels easy and the permuted ones impossible, and
every study would be significant. Permuted within participants who have one label each, nothing would change at all, and p
would be 1. (Ojala & Garriga 2010, JMLR 11:1833, on the test itself.)
"""

from smilejax.settings import Scheme
from smilejax.splits.permutations.permute import PermutedLabels, permute_labels
from smilejax.splits.permutations.permute_for_folds import (
    check_classes,
    permute_labels_for_folds,
    smallest_p_of,
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
    "smallest_p_of",
    "where_permuted",
    "with_both_classes",
]
