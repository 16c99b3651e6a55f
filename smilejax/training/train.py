"""`train`: one run, checked, through the program of an epoch that a plan of many goes through, one run wide."""

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.errors import SettingsError, listed
from smilejax.models.network import Variables, init
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
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
    reporter: OnEpochEnd | None = None,
) -> RunResult:
    """Train the model once.

    On a CPU this is the program of a plan's runs, and gives a run of a plan (`runs.plan.key_of`) bit for bit. On an
    accelerator a plan goes in groups of hundreds, which one run would have to be filled up to with copies of itself; it is
    trained alone instead, by a program of its own, and equals the plan's to rounding, which a training lets grow: compare
    the first twenty steps or so, and not the end.

    Arguments:
        dataset: N preprocessed trials.
        settings: the model, the optimiser and how long.
        key: typed PRNG key (`jax.random.key(seed)`).
        train_mask: `bool[N]`, trials to learn from; None takes every labelled one not in `validation_mask`. Rejected
            trials never train, whatever the mask says.
        validation_mask: `bool[N]`, trials to score after each epoch; None means none.
        start: parameters to go on from (from an earlier training or `from_torch`), scaling included; None draws fresh
            ones from the key and fits the scaling to the training trials.
        reporter: called with a `EpochProgress` after each epoch. It changes no number.

    Returns:
        A `RunResult`; a run whose loss stops being finite, or ends above `MAX_LOSS`, comes back with status
        `DIVERGED`, not as an exception.

    Raises:
        DataError: a training trial without label, one class only, or trials on both sides.
        SettingsError: masks or key of the wrong kind.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> result = smilejax.train(dataset, smilejax.TrainingSettings(epochs=1), key=jax.random.key(1))
        >>> result.logits.shape
        (8, 2)
    """
    run = make_run(dataset, settings, key=key, train_mask=train_mask, validation_mask=validation_mask)
    if start is not None:
        _check_start(start, dataset, settings)
    # One device, and one run on it: anything more would only be repetitions of the run.
    programs = Programs(dataset, settings, devices=jax.local_devices()[:1], width=1)
    alone = jax.tree.map(lambda leaf: leaf[None], run)
    begun = None if start is None else jax.tree.map(lambda leaf: np.asarray(leaf)[None], start)
    result = programs.train(alone, settings.epochs, start=begun, reporter=reporter)
    return jax.tree.map(lambda leaf: leaf[0], result)


def _check_start(start: Variables, dataset: Dataset, settings: TrainingSettings) -> None:
    samples, channels = dataset.x.shape[1:]
    fresh = jax.eval_shape(lambda: init(settings.model, samples=samples, channels=channels, key=jax.random.key(0)))
    shapes = {jax.tree_util.keystr(path): leaf.shape for path, leaf in jax.tree_util.tree_leaves_with_path(fresh)}
    given = {jax.tree_util.keystr(path): np.shape(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(start)}
    if shapes != given:
        differing = sorted(k for k in shapes.keys() | given.keys() if shapes.get(k) != given.get(k))
        raise SettingsError(
            f"start must fit the model and the dataset ({samples} steps, {channels} channels); "
            + listed(f"{k} is {given.get(k)} instead of {shapes.get(k)}" for k in differing)
            + ". Change the model's settings, or crop or resample the trials."
        )
