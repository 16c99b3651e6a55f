"""From recordings to a verdict: `prepare_study` settles everything, `evaluate` trains, `compute_results` says what came of it."""

from smilejax.evaluation.study.compute_results import compute_results
from smilejax.evaluation.study.evaluate import evaluate
from smilejax.evaluation.study.prepare_study import PreparedStudy, prepare_study
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.saved_study import Study, load_numbers, load_study
from smilejax.evaluation.study.verdict import Verdict, verdict

__all__ = [
    "PreparedStudy",
    "RawResults",
    "Study",
    "Verdict",
    "compute_results",
    "evaluate",
    "load_numbers",
    "load_study",
    "prepare_study",
    "verdict",
]
