"""Which recipe and which training a command takes, by the kind of recording that it read."""

import dataclasses
from pathlib import Path

from smilejax._util.errors import SETTING, DataError, SettingsError
from smilejax.cli import terminal
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.apex_frames import apex_frames
from smilejax.recordings.face_crops import USUAL_SIDE, FaceCrops
from smilejax.recordings.faces import Faces
from smilejax.recordings.trials import Trials
from smilejax.settings import TrainingSettings
from smilejax.settings.training_settings import NETWORKS_OF_PICTURES


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
    """The training of the kind of recording that was read. Raises `SettingsError` where its network does not fit them."""
    training = faces if isinstance(recording, Faces) else pupils
    require_network_of(recording, training)
    return training


def apexes(recording: AnyRecording, *, stills: bool) -> AnyRecording:
    """The recording, or, with `stills`, the apex of each of its smiles as a single frame. Raises `DataError` for pupils."""
    if not stills:
        return recording
    if not isinstance(recording, Faces):
        raise DataError(f"{SETTING.stills} is for recordings of faces, and {recording.source.name} is of pupils.")
    return apex_frames(recording)


def cropped(recording: AnyRecording, folder: Path | None, side: int | None) -> AnyRecording:
    """The recording, or, with a folder, together with the crops of its frames.

    Arguments:
        side: to which they are scaled, in pixels; None is the default.

    Raises:
        DataError: crops are named for pupils. SettingsError: a side is given and no folder.
        ReadError: the folder lacks crops, or has damaged ones.
    """
    if folder is None:
        if side is not None:
            raise SettingsError(
                f"{SETTING.crop_side} is for crops, and no folder of them is named.", hint=f"Name one: {SETTING.crops}."
            )
        return recording
    if not isinstance(recording, Faces):
        raise DataError(f"{SETTING.crops} is for recordings of faces, and {recording.source.name} is of pupils.")
    from smilejax.readers.faces.read_crops import read_crops

    with terminal.working("reading crops"):
        return read_crops(folder, recording, side=USUAL_SIDE if side is None else side)


def require_network_of(recording: AnyRecording, training: TrainingSettings) -> None:
    """Refuse crops with a network that is not given them, and a network of crops without any. Raises `SettingsError`."""
    has, needs = isinstance(recording, FaceCrops), training.model.of_pictures
    if has and not needs:
        raise SettingsError(
            setting="network",
            rule=f"{' or '.join(NETWORKS_OF_PICTURES)} where crops are given",
            value=training.model.network,
            hint=f"Leave out {SETTING.crops} to judge by measures.",
        )
    if needs and not has:
        raise SettingsError(
            f"the network {training.model.network} is given crops of faces, and none are named.",
            hint=f"Name the folder that `smilejax track` wrote them to: {SETTING.crops}.",
            setting="network",
        )


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
