"""`train_model`: from recordings to a model for others, of any classifier."""

from collections.abc import Mapping

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError
from smilejax.prediction.predictor import Predictor, trial_info
from smilejax.prediction.train_members import Members, MembersToTrain, train_members
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.cleaning import default_recipe, default_training, settle
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.both_classes import require_both_classes
from smilejax.recordings.faces import Faces
from smilejax.recordings.trials import Trials
from smilejax.settings import Classifier, TrainingSettings, check_seed
from smilejax.settings.checks import require, require_kind
from smilejax.settings.classifier_names import SEEDS, check_classifier, has_seeds

TRAINING = 1
"""Folded into the key of a seed: for the training. `smilejax train` uses 2 for which participants are held out."""


def train_model(
    trials: AnyRecording,
    recipe: AnyRecipe | None = None,
    training: TrainingSettings | None = None,
    *,
    classifier: Classifier = "network",
    seeds: int = SEEDS,
    seed: int = 0,
    train_mask: npt.ArrayLike | None = None,
    record: Mapping[str, object] | None = None,
) -> Predictor:
    """Train a classifier on recordings, several seeds whose probabilities the model averages.

    Arguments:
        trials: N labelled recordings, of pupils or of faces. recipe: of their cleaning; None is the default.
        training: of the network; None are the defaults. Not used by "rocket" and "features".
        classifier: "network"; "combined", the mean of the network's and MiniRocket's log odds; "rocket", MiniRocket with a
            ridge classifier; "features", logistic regression on pupil features.
        seeds: number of networks, from 1; their seeds follow on `seed`. What has none is fitted once.
        train_mask: `bool[N]`, trials to train on; None takes every labelled one. Rejected trials never train.
        record: JSON to be kept with the model.

    Raises:
        DataError: one class only, trials that the classifier cannot be trained on, or every training diverged.
        SettingsError: an argument out of its range or of another type.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> trials = smilejax.simulate_study(small, key=jax.random.key(0)).trials
        >>> model = smilejax.train_model(trials, classifier="features")
        >>> model.predict(trials)["predicted"].isin(trials.class_names).all().item()
        True
    """
    require_kind(trials, "trials", (Trials, Faces), "Read them with smilejax.read.")
    recipe, training = recipe or default_recipe(trials), training or default_training(trials)
    require_kind(recipe, "recipe", (Recipe, FaceRecipe))
    require_kind(training, "training", TrainingSettings)
    check_classifier(classifier)
    require_both_classes(trials, "training")
    settled = settle(recipe, trials)
    mask = None if train_mask is None else np.asarray(train_mask)
    wanted = MembersToTrain(
        trial_info(trials, settled), classifier, training, member_seeds(classifier, seed, seeds), key_of_training, mask
    )
    return predictor_of(train_members(wanted, {}), wanted, trials, settled, record)


def key_of_training(seed: int) -> jax.Array:
    """The key of a network's training."""
    return jax.random.fold_in(jax.random.key(seed), TRAINING)


def member_seeds(classifier: Classifier, seed: int, count: int) -> tuple[int, ...]:
    """The seeds of a model's members: as many as asked for, one where nothing is drawn.

    Raises:
        SettingsError: a count below 1, or seeds out of range.
    """
    require(type(count) is int and count >= 1, "seeds", "a whole number from 1 up", count)
    number = count if has_seeds(classifier) else 1
    check_seed(seed)
    check_seed(seed + number - 1)
    return tuple(range(seed, seed + number))


def predictor_of(
    members: Members,
    wanted: MembersToTrain,
    trials: AnyRecording,
    recipe: AnyRecipe,
    record: Mapping[str, object] | None = None,
) -> Predictor:
    """The predictor of members that were trained.

    Arguments:
        recipe: settled. record: JSON to be kept with the model.

    Raises:
        DataError: every training diverged.
    """
    if members.variables is None:
        raise DataError(
            f"the training diverged: its loss is no longer finite at a learning rate of {wanted.settings.learning_rate:g}. "
            "Lower the learning rate."
        )
    return Predictor(
        members.variables,
        recipe,
        wanted.settings,
        trials.class_names,
        trials.unit,
        trials.rate_hz,
        record or {},
        members=members.count,
        start_ms=trials.start_ms,
        classifier=wanted.classifier,
    )
