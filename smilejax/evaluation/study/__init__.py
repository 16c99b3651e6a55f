"""From recordings to a verdict: `prepare_study` settles everything, `evaluate` trains, `compute_results` derives every number.

Names are loaded when first used: results (`StudyResults`) and their JSON can be read without JAX.
"""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

if TYPE_CHECKING:
    from smilejax.evaluation.study.derive_results import compute_results as compute_results
    from smilejax.evaluation.study.methods_in_words import methods_paragraph as methods_paragraph
    from smilejax.evaluation.study.preparation import PreparedStudy as PreparedStudy
    from smilejax.evaluation.study.preparation import prepare_study as prepare_study
    from smilejax.evaluation.study.raw_results import RawResults as RawResults
    from smilejax.evaluation.study.results_in_words import results_paragraph as results_paragraph
    from smilejax.evaluation.study.run_study import evaluate as evaluate
    from smilejax.evaluation.study.saved_study import Study as Study
    from smilejax.evaluation.study.saved_study import load_study as load_study
    from smilejax.evaluation.study.study_files import load_record as load_record
    from smilejax.evaluation.study.study_progress import print_trainings as print_trainings
    from smilejax.evaluation.study.study_record import Provenance as Provenance
    from smilejax.evaluation.study.study_record import StudyRecord as StudyRecord
    from smilejax.evaluation.study.study_results import StudyResults as StudyResults
    from smilejax.evaluation.study.study_results import Verdict as Verdict
    from smilejax.evaluation.study.verdict_in_words import verdict as verdict

_HOMES = {
    "PreparedStudy": "evaluation.study.preparation",
    "Provenance": "evaluation.study.study_record",
    "RawResults": "evaluation.study.raw_results",
    "Study": "evaluation.study.saved_study",
    "StudyRecord": "evaluation.study.study_record",
    "StudyResults": "evaluation.study.study_results",
    "Verdict": "evaluation.study.study_results",
    "compute_results": "evaluation.study.derive_results",
    "evaluate": "evaluation.study.run_study",
    "load_record": "evaluation.study.study_files",
    "load_study": "evaluation.study.saved_study",
    "methods_paragraph": "evaluation.study.methods_in_words",
    "prepare_study": "evaluation.study.preparation",
    "print_trainings": "evaluation.study.study_progress",
    "results_paragraph": "evaluation.study.results_in_words",
    "verdict": "evaluation.study.verdict_in_words",
}

__all__, __getattr__, __dir__ = lazy_names(__name__, _HOMES)
