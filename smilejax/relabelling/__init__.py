"""Relabellings: labels permuted where the design of the study puts them, for permutation tests.

A permutation test asks how a study would have come out, had its labels been dealt otherwise. So they must be dealt as they
could have been: where each video is genuine or posed for all who watch it, labels are permuted among videos. Permuted
among trials instead, a model that recognises videos would find the true labels easy and the permuted ones impossible, and
every study would be significant. Permuted within participants who have one label each, nothing would change at all, and p
would be 1. (Ojala & Garriga 2010, JMLR 11:1833, on the test itself.)
"""

from smilejax.relabelling.drawing import Relabelled, relabel
from smilejax.relabelling.of_folds import check_classes, floor_of, relabel_for, with_both_classes
from smilejax.relabelling.places import MORE, PERMUTED, Relabelling, check_scheme, permuted, scheme_of
from smilejax.settings import Scheme

__all__ = [
    "MORE",
    "PERMUTED",
    "Relabelled",
    "Relabelling",
    "Scheme",
    "check_classes",
    "check_scheme",
    "floor_of",
    "permuted",
    "relabel",
    "relabel_for",
    "scheme_of",
    "with_both_classes",
]
