"""What protocols, scores and conclusions are called wherever they are printed: terminal, page, tables, docs.

One place, so that a thing has one name everywhere. No JAX in here.
"""

from dataclasses import dataclass
from typing import Literal

from smilejax.settings.classifier_names import Classifier, ClassifierKind

ProtocolName = Literal["participant-and-stimulus", "participant", "stimulus", "shuffled"]
ScoreName = Literal["mean over seeds", "permutation test", "ensemble"]
Conclusion = Literal[
    "attributable",
    "reference as good",
    "not attributable",
    "leaky protocol",
    "not above chance",
    "not judged",
]
Color = Literal["green", "blue", "amber", "grey"]

PROTOCOLS: dict[ProtocolName, str] = {
    "participant-and-stimulus": "New participants, new stimuli",
    "participant": "New participants, known stimuli",
    "stimulus": "Known participants, new stimuli",
    "shuffled": "Shuffled trials (leaks)",
}
"""Labels, from the strictest: the verdict is by the first protocol that the data allow. "New" means that the network was not
trained on any trial of that participant or stimulus."""
NEW_PARTICIPANTS = "New participants"
"""Label of "participant" where stimuli were not recorded."""

SCORED_TRIALS: dict[ProtocolName, str] = {
    "participant-and-stimulus": "participants and stimuli that were not in the training set",
    "participant": "participants who were not in the training set, with stimuli that were",
    "stimulus": "stimuli that were not in the training set, with participants who were",
    "shuffled": "single trials of participants and stimuli that were in the training set",
}
"""Which trials each protocol scores, to stand after "on"."""
SCORED_TRIALS_WITHOUT_STIMULI: dict[ProtocolName, str] = {
    "participant": "participants who were not in the training set",
    "shuffled": "single trials of participants who were in the training set",
}
"""The same where stimuli were not recorded."""

CLASSIFIER_KINDS: dict[ClassifierKind, str] = {
    "reference": "Reference classifier",
    "negative control": "Negative control",
}
"""Reference classifiers see the pupil's response; negative controls see nothing of it, so that where one does as well as the
network, the network's score cannot be attributed to the response. Their labels: `smilejax.classifiers.COMPARISONS`."""

JUDGED: dict[Classifier, str] = {
    "network": "the network",
    "combined": "the combined classifier",
    "rocket": "MiniRocket",
    "features": "logistic regression on pupil features",
    "dynamics": "logistic regression on smile dynamics",
}
"""What is judged, within a sentence. The combined classifier: the mean of the network's and MiniRocket's log odds."""
JUDGED_SHORT: dict[Classifier, str] = {
    "network": "network",
    "combined": "combined",
    "rocket": "MiniRocket",
    "features": "features",
    "dynamics": "dynamics",
}
"""The same in the head of a table."""

SCORES: dict[ScoreName, str] = {
    "mean over seeds": "the mean of the balanced accuracies of single trained networks, one for each seed: what one training "
    "can be expected to reach, and the score of this study",
    "permutation test": "the same mean over the first seeds only, since each permutation is trained with no more than these; "
    "the permuted scores are compared with it",
    "ensemble": "the balanced accuracy of the seeds' mean probability; averaging removes part of what seeds differ in, so "
    "that it is usually higher",
}
"""The three balanced accuracies of one network, and why they differ."""


@dataclass(frozen=True)
class ConclusionLabel:
    """A conclusion in a few words, and the colour it is shown in."""

    label: str
    color: Color


CONCLUSIONS: dict[Conclusion, ConclusionLabel] = {
    "attributable": ConclusionLabel("Above chance, attributable to the pupil's response", "green"),
    "reference as good": ConclusionLabel("Above chance, not shown to exceed a reference classifier", "blue"),
    "not attributable": ConclusionLabel("Above chance, not attributable to the pupil's response", "amber"),
    "leaky protocol": ConclusionLabel("Above chance, but on shuffled trials only", "amber"),
    "not above chance": ConclusionLabel("Not above chance", "grey"),
    "not judged": ConclusionLabel("Cannot be judged", "grey"),
}


def protocol_label(name: ProtocolName, *, stimuli_recorded: bool) -> str:
    """The label of a protocol.

    Example:
        >>> protocol_label("participant", stimuli_recorded=False)
        'New participants'
    """
    return NEW_PARTICIPANTS if name == "participant" and not stimuli_recorded else PROTOCOLS[name]


def scored_trials(name: ProtocolName, *, stimuli_recorded: bool) -> str:
    """Which trials a protocol scores, to stand after "on"."""
    without = {} if stimuli_recorded else SCORED_TRIALS_WITHOUT_STIMULI
    return without.get(name, SCORED_TRIALS[name])
