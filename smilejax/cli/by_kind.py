"""Which recipe and which training a command takes, by the kind of recording that it read."""

import dataclasses

from smilejax._util.errors import SETTING, DataError, SettingsError
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.apex_frames import apex_frames
from smilejax.recordings.faces import Faces
from smilejax.recordings.trials import Trials
from smilejax.settings import TrainingSettings


def recipe_for(
    recording: AnyRecording, pupils: Recipe, faces: FaceRecipe, name: str | None, preset: str = "default"
) -> AnyRecipe:
    """The recipe of the kind of recording that was read.

    Arguments:
        pupils, faces: both, each with the options that were given.
        name: of `--recipe`, None where none was given. preset: of `--preset`.

    Raises:
        SettingsError: an option was given that has no meaning for this kind of recording.
    """
    if isinstance(recording, Faces):
        if name not in (None, "default"):
            rule = "default for recordings of faces"
            raise SettingsError(setting="recipe_name", rule=rule, value=name)
        _refuse_foreign(
            pupils, Recipe.named("report") if name is None and preset == "report" else Recipe(), faces, recording
        )
        return faces
    _refuse_foreign(faces, FaceRecipe(), pupils, recording)
    return pupils


def training_for(recording: AnyRecording, pupils: TrainingSettings, faces: TrainingSettings) -> TrainingSettings:
    """The training of the kind of recording that was read."""
    return faces if isinstance(recording, Faces) else pupils


def apexes(recording: AnyRecording, *, stills: bool) -> AnyRecording:
    """The recording, or, with `stills`, the apex of each of its smiles as a single frame. Raises `DataError` for pupils."""
    if not stills:
        return recording
    if not isinstance(recording, Faces):
        raise DataError(f"{SETTING.stills} is for recordings of faces, and {recording.source.name} is of pupils.")
    return apex_frames(recording)


def pupils_only(recording: AnyRecording, command: str, instead: str) -> Trials:
    """The recording, for a command that is for pupils alone.

    Arguments:
        instead: what there is for faces, as a sentence.

    Raises:
        DataError: it is of faces.
    """
    if isinstance(recording, Faces):
        raise DataError(
            f"`smilejax {command}` is for recordings of pupils, and {recording.source.name} is of faces.", hint=instead
        )
    return recording


def _refuse_foreign(given: AnyRecipe, usual: AnyRecipe, own: AnyRecipe, recording: AnyRecording) -> None:
    names = {field.name for field in dataclasses.fields(own)}
    for field in dataclasses.fields(given):
        if field.name not in names and getattr(given, field.name) != getattr(usual, field.name):
            raise SettingsError(
                f"{SETTING(field.name)} has no meaning for recordings of {recording.kind.signal}.",
                hint="Leave it out.",
                setting=field.name,
            )
