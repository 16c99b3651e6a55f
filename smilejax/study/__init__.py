"""From recordings to a verdict: `prepare_study` settles everything, `evaluate` trains, `numbers_of` says what came of it."""

from smilejax.study.evaluating import evaluate
from smilejax.study.material import Material
from smilejax.study.numbers import numbers_of
from smilejax.study.prepared import Prepared, prepare_study
from smilejax.study.storage import Study, load_numbers, load_study
from smilejax.study.verdict import Verdict, verdict

__all__ = [
    "Material",
    "Prepared",
    "Study",
    "Verdict",
    "evaluate",
    "load_numbers",
    "load_study",
    "numbers_of",
    "prepare_study",
    "verdict",
]
