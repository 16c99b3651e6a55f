"""What is printed has one name each, and reading results takes no JAX."""

import subprocess
import sys
from typing import get_args

import pytest

from smilejax.classifiers import COMPARISONS
from smilejax.evaluation import names
from smilejax.evaluation.study import score_results
from smilejax.settings import ClassifierKind


def test_labels_are_these() -> None:
    """Written out: a label that moves to another row is a wrong result."""
    assert names.PROTOCOLS == {
        "participant-and-stimulus": "New participants, new stimuli",
        "participant": "New participants, known stimuli",
        "stimulus": "Known participants, new stimuli",
        "shuffled": "Shuffled trials (leaks)",
    }
    assert {one.name: (one.label, one.kind) for one in COMPARISONS} == {
        "majority": ("Majority class", "reference"),
        "features": ("Pupil features, logistic regression", "reference"),
        "dynamics": ("Smile dynamics, logistic regression", "reference"),
        "coarse crops": ("Coarse crops, logistic regression", "reference"),
        "rocket": ("MiniRocket", "reference"),
        "baseline": ("Trial length, proportion valid and baseline", "negative control"),
        "covariates": ("Stimulus covariates", "negative control"),
        "video length": ("Length of the video", "negative control"),
        "frame rate": ("Frame rate", "negative control"),
        "resolution": ("Resolution", "negative control"),
        "brightness": ("Mean brightness", "negative control"),
        "head pose": ("Head pose", "negative control"),
        "confidence": ("Tracker's confidence", "negative control"),
        "mask": ("Missing-data mask", "negative control"),
        "network": ("Network alone", "reference"),
    }
    assert score_results.METRICS == {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced accuracy",
        "auc": "area under the ROC curve",
        "f1": "F1",
        "mcc": "Matthews correlation",
        "brier": "Brier score",
        "log_loss": "log loss, nats",
    }
    assert names.protocol_label("participant", stimuli_recorded=False) == "New participants"
    assert names.protocol_label("participant", stimuli_recorded=True) == "New participants, known stimuli"


def test_every_classifier_and_conclusion_has_a_label() -> None:
    assert {one.kind for one in COMPARISONS} == set(names.CLASSIFIER_KINDS) == set(get_args(ClassifierKind))
    assert set(names.PROTOCOLS) == set(names.SCORED_TRIALS) == set(get_args(names.ProtocolName))
    assert set(score_results.METRICS) == set(get_args(score_results.MetricName))
    assert set(names.CONCLUSIONS) == set(get_args(names.Conclusion))
    assert set(names.SCORES) == set(get_args(names.ScoreName))
    assert len({one.label for one in names.CONCLUSIONS.values()}) == len(names.CONCLUSIONS)


@pytest.mark.parametrize(
    "code",
    [
        "import smilejax.evaluation.names",
        "import smilejax.evaluation.study.study_record, smilejax.evaluation.study.verdict_in_words",
        "from smilejax.evaluation.study import StudyResults, StudyRecord, Provenance, verdict",
        "from smilejax.evaluation.study import load_record; load_record({folder!r})",
    ],
)
def test_results_are_read_without_jax(code: str) -> None:
    from pathlib import Path

    folder = str(Path(__file__).resolve().parents[1] / "fixtures" / "schema_2" / "study")
    script = (
        code.replace("{folder!r}", repr(folder)) + "; import sys; print(sorted({'jax', 'flax'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
