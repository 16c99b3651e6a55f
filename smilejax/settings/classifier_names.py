"""Names of classifiers: those that can be judged, trained and saved, and the kinds that they are compared with."""

from typing import Literal, get_args

from smilejax.settings.checks import require

Classifier = Literal["network", "combined", "rocket", "features", "dynamics"]
"""What a study judges and a model is: the network; the mean of the network's and MiniRocket's log odds; MiniRocket with a ridge
classifier; logistic regression on pupil features, for pupils, and on smile dynamics, for faces."""
ClassifierKind = Literal["reference", "negative control"]
"""Reference classifiers see the pupil's response; negative controls see nothing of it."""

SEEDS = 5
"""Trainings that a model averages by default. On two cores five take about three times as long as one (our choice)."""

FITTED: dict[Classifier, str] = {
    "combined": "rocket",
    "rocket": "rocket",
    "features": "features",
    "dynamics": "dynamics",
}
"""The part of a classifier that is fitted and not trained by gradients, by its name in `smilejax.classifiers`."""


def has_network(classifier: Classifier) -> bool:
    """Whether the network is the classifier, or a part of it."""
    return classifier in ("network", "combined")


def has_seeds(classifier: Classifier) -> bool:
    """Whether it is trained several times: features are fitted without drawing anything, and what MiniRocket draws, which
    training trials its biases come from, matters so little that once is enough."""
    return has_network(classifier)


def check_classifier(given: object) -> None:
    """Raise `SettingsError` unless it is the name of a classifier."""
    known = get_args(Classifier)
    require(given in known, "classifier", f"one of {', '.join(known)}", given)
