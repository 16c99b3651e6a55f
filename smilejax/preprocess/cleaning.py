"""`clean` and `prepare` of recordings, whatever their kind: each kind has its own steps and its own program."""

from collections.abc import Callable, Sequence
from typing import overload

from smilejax.preprocess import face_pipeline, pipeline
from smilejax.preprocess.any_recipe import RECIPE_OF, AnyRecipe, check_recipe
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.face_pipeline import CleanedFaces
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.pipeline import Cleaned
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.faces import Faces
from smilejax.recordings.kinds import FACE, PUPIL, Kind
from smilejax.recordings.trials import Trials
from smilejax.settings import TrainingSettings
from smilejax.settings.checks import require_kind

READ_ONE = "Read a file with smilejax.read, or simulate one."


@overload
def settle(recipe: Recipe, recording: Trials) -> Recipe: ...
@overload
def settle(recipe: FaceRecipe, recording: Faces) -> FaceRecipe: ...
@overload
def settle(recipe: AnyRecipe, recording: AnyRecording) -> AnyRecipe: ...
def settle(recipe: AnyRecipe, recording: AnyRecording) -> AnyRecipe:
    """The recipe with what it leaves to the recording filled in: duration and rate; of faces the measures as well.

    Raises:
        SettingsError: the recipe contradicts the recording, or is one of another kind of recording.
    """
    if isinstance(recording, Faces):
        check_recipe(recipe, recording.kind)
        assert isinstance(recipe, FaceRecipe)
        return face_pipeline.settle_faces(recipe, recording)
    require_kind(recording, "trials", Trials, READ_ONE)
    if isinstance(recipe, FaceRecipe):
        check_recipe(recipe, recording.kind)
    assert not isinstance(recipe, FaceRecipe)
    return pipeline.settle(recipe, recording)


@overload
def clean(trials: Trials, recipe: Recipe) -> Cleaned: ...
@overload
def clean(trials: Faces, recipe: FaceRecipe) -> CleanedFaces: ...
@overload
def clean(trials: AnyRecording, recipe: AnyRecipe) -> Cleaned | CleanedFaces: ...
def clean(trials: AnyRecording, recipe: AnyRecipe) -> Cleaned | CleanedFaces:
    """Run every step of the recipe on every trial, in one compiled call. For what the model sees, use `prepare`.

    Raises:
        SettingsError: the recipe does not fit the recording.
    """
    return clean_and_prepare(trials, settle(recipe, trials))[0]


def prepare(trials: AnyRecording, recipe: AnyRecipe) -> Dataset:
    """What a model sees of the trials: the recipe's steps, then its channels. One compiled call.

    Arguments:
        trials: N recordings, `Trials` or `Faces`.
        recipe: what is done to them, a `Recipe` or a `FaceRecipe`; see its docstring for the order.

    Returns:
        A `Dataset` with all N trials, rejected ones included and marked.

    Raises:
        SettingsError: the recipe does not fit the recording.

    Example:
        >>> import jax, smilejax
        >>> settings = smilejax.SimulationSettings(participants=2, smilers=2)
        >>> study = smilejax.simulate_study(settings, key=jax.random.key(0))
        >>> smilejax.prepare(study.trials, smilejax.Recipe()).x.shape
        (8, 100, 1)
    """
    return prepare_settled(trials, settle(recipe, trials))


def prepare_settled(trials: AnyRecording, recipe: AnyRecipe) -> Dataset:
    """`prepare` for a recipe that is settled, as a saved model's is; the recording may then have any rate."""
    return clean_and_prepare(trials, recipe)[1]


@overload
def clean_and_prepare(trials: Trials, recipe: Recipe) -> tuple[Cleaned, Dataset]: ...
@overload
def clean_and_prepare(trials: Faces, recipe: FaceRecipe) -> tuple[CleanedFaces, Dataset]: ...
@overload
def clean_and_prepare(trials: AnyRecording, recipe: AnyRecipe) -> tuple[Cleaned | CleanedFaces, Dataset]: ...
def clean_and_prepare(trials: AnyRecording, recipe: AnyRecipe) -> tuple[Cleaned | CleanedFaces, Dataset]:
    """Cleaned traces and dataset by a recipe that is settled, see `prepare_settled`."""
    check_recipe(recipe, trials.kind)
    if isinstance(trials, Faces):
        assert isinstance(recipe, FaceRecipe)
        return face_pipeline.clean_and_prepare_faces(trials, recipe)
    assert isinstance(recipe, Recipe)
    return pipeline.clean_and_prepare(trials, recipe)


def clean_rows(recording: AnyRecording, settled: AnyRecipe, rows: Sequence[int]) -> Cleaned | CleanedFaces:
    """Some trials, cleaned by a settled recipe as among all of the recording, to the bit.

    Arguments:
        rows: which, 0 to N - 1, in any order.
    """
    check_recipe(settled, recording.kind)
    if isinstance(recording, Faces):
        assert isinstance(settled, FaceRecipe)
        return face_pipeline.clean_face_rows(recording, settled, rows)
    assert isinstance(settled, Recipe)
    return pipeline.clean_rows(recording, settled, rows)


def default_recipe(recording: AnyRecording) -> AnyRecipe:
    """The default recipe of this kind of recording."""
    return RECIPE_OF[recording.kind]()


TRAINING_OF: dict[Kind, Callable[[], TrainingSettings]] = {PUPIL: TrainingSettings, FACE: TrainingSettings.faces}
"""The default training of each kind of recording."""


def default_training(recording: AnyRecording) -> TrainingSettings:
    """The default training for this kind of recording."""
    return TRAINING_OF[recording.kind]()
