"""`train`: one run, checked, through the program of an epoch that a plan of many goes through, one run wide."""

from dataclasses import replace

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax.models.network import Variables, check_variables
from smilejax.models.network_input import network_data, shape_of
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.settings.checks import require_kind
from smilejax.training.programs import Programs
from smilejax.training.run import OnEpochEnd, RunResult, make_run


def train(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    key: Array,
    train_mask: npt.ArrayLike | None = None,
    validation_mask: npt.ArrayLike | None = None,
    start: Variables | None = None,
    on_epoch_end: OnEpochEnd | None = None,
) -> RunResult:
    """Train the model once.

    On a CPU this is the program of a plan's runs, and gives the same bits as that run in a plan (`plans.plan.key_of` gives its
    key). On an accelerator a plan trains groups of hundreds; one run is trained alone, by a program of its own, and equals the
    plan's to rounding, which grows during a training: compare the first twenty steps or so, and not the end.

    Arguments:
        dataset: N preprocessed trials.
        settings: the model, the optimiser and how long.
        key: typed PRNG key (`jax.random.key(seed)`).
        train_mask: `bool[N]`, trials to train on; None takes every labelled one not in `validation_mask`. Rejected
            trials never train, whatever the mask says.
        validation_mask: `bool[N]`, trials to score after each epoch; None means none.
        start: parameters to go on from (from an earlier training or `from_torch`), standardisation included; None draws
            fresh ones from the key and fits the standardisation to the training trials.
        on_epoch_end: called with an `EpochProgress` after each epoch, as `print_epochs()` is; it changes no number.

    Returns:
        A `RunResult` with its settings and the dataset's recipe. A run whose loss stops being finite, or ends above
        `MAX_LOSS`, comes back with status `DIVERGED`, not as an exception.

    Raises:
        DataError: a training trial without label, one class only, or trials on both sides.
        SettingsError: masks or key of the wrong kind.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> result = smilejax.train(dataset, smilejax.TrainingSettings(epochs=1), key=jax.random.key(1))
        >>> result.logits.shape
        (8, 2)
    """
    require_kind(dataset, "dataset", Dataset, "Make one with smilejax.prepare.")
    require_kind(settings, "settings", TrainingSettings)
    run = make_run(dataset, settings, key=key, train_mask=train_mask, validation_mask=validation_mask)
    if start is not None:
        x = network_data(dataset, settings.model).x
        check_variables(start, settings.model, **shape_of(x), what="start")
    # One device, and one run on it: anything more would only be repetitions of the run.
    programs = Programs(dataset, settings, devices=jax.local_devices()[:1], width=1)
    alone = jax.tree.map(lambda leaf: leaf[None], run)
    from_start = None if start is None else jax.tree.map(lambda leaf: np.asarray(leaf)[None], start)
    result = programs.train(alone, settings.epochs, start=from_start, on_epoch_end=on_epoch_end)
    result = jax.tree.map(lambda leaf: leaf[0], result)
    return replace(result, settings=settings, recipe=dataset.recipe)
