"""Arguments that several commands take, with how help shows them. Nothing heavy is imported in here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from smilejax.cli.options import Arg, Given, OptionGroup, SettingsGroup
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe, RecipeName
from smilejax.recordings.face_crops import USUAL_SIDE
from smilejax.settings import ReadSettings, TrainingSettings

Preset = Literal["default", "report"]
Data = Annotated[tuple[Path, ...], Arg(positional=True)]
READING = OptionGroup(
    "Reading the file",
    "Layout, columns, units. What is not given is recognised; `smilejax check` shows how.",
)
MappingFile = Annotated[Path | None, Arg(metavar="FILE", heading=READING)]
File = Annotated[Path | None, Arg(metavar="FILE")]
RecipeByName = Annotated[RecipeName, Arg(flag="--recipe")]
RecipeOrPreset = Annotated[RecipeName | None, Arg(flag="--recipe")]
CLEANING = OptionGroup(
    "Cleaning", "Single settings of the recipe; `none` leaves a step out. Defaults are those of --recipe."
)
COMPUTER = OptionGroup("Devices and memory", "How many devices train, and how much memory they may use.")
COMPARED = OptionGroup(
    "Hyperparameters", "Values to compare. A hyperparameter for which none are given keeps its one value."
)
Devices = Annotated[int | None, Arg(heading=COMPUTER)]
Memory = Annotated[float | None, Arg(heading=COMPUTER)]
Crops = Annotated[Path | None, Arg(metavar="FOLDER", heading=READING)]
Numbers = Annotated[tuple[float, ...], Arg(heading=COMPARED)]


def recipe_from(given: Given) -> Recipe:
    """The recipe over which single options are laid: that of `--recipe`, or of `--preset`."""
    name = given.get("recipe_name") or given.get("preset") or "default"
    return Recipe.named(cast("RecipeName", name))


def training_from(given: Given) -> TrainingSettings:
    """The training over which single options are laid: that of `--preset`."""
    return TrainingSettings.report() if given.get("preset") == "report" else TrainingSettings()


def reading_from(given: Given) -> ReadSettings:
    """The settings of reading over which single options are laid: those of `--mapping`."""
    path = given.get("mapping")
    if path is None:
        return ReadSettings()
    from smilejax.readers import load_mapping  # and with it pandas

    assert isinstance(path, Path)
    return load_mapping(path)


COLUMNS = (
    *("participant", "time", "left", "right", "pupil", "eye", "label", "stimulus", "smiler"),
    *("blink", "blink_left", "blink_right", "onset", "message"),
)
METAVARS = dict.fromkeys(COLUMNS, "COLUMN") | {
    "trial": "COLUMN ...",
    "classes": "NEGATIVE POSITIVE",
    "label_from": "RULE",
    "names_from": "PATTERN ...",
    "trials_from": "PATTERN",
    "events": "FILE",
    "window_ms": "FROM TO",
    "join": "FILE ...",
    "columns": "COLUMN ...",
    "exclude": "FILE",
    "missing": "NUMBER ...",
    "decimal": "MARK",
    "thousands": "MARK",
}


def reading(abouts: Mapping[str, str] | None = None) -> SettingsGroup:
    """The options of reading a file. abouts: help of those that have another meaning in a command."""
    return SettingsGroup(
        READING,
        base=reading_from,
        common=("classes",),
        metavars=METAVARS,
        abouts=abouts or {},
    )


Reading = Annotated[ReadSettings, reading()]


def option_of_reading(name: str) -> str:
    """How a setting of reading is called on the command line, where findings and warnings name it."""
    return name if name == "none" else "--" + name.replace("_", "-")


def cleaning(*common: str) -> SettingsGroup:
    """The options of a recipe, of which help shows `common` first."""
    return SettingsGroup(
        CLEANING,
        base=recipe_from,
        common=common,
        metavars={"baseline_ms": "MS | FROM TO"},
    )


def cleaning_of_faces() -> SettingsGroup:
    """The options of a recipe of faces that a recipe of pupils does not have; those that it has count for faces as well."""
    return SettingsGroup(CLEANING, base=face_recipe_from, metavars={"measures": "NAME ..."})


def face_recipe_from(given: Given) -> FaceRecipe:
    """The recipe of faces over which single options are laid: where crops are named, it gives them to the network."""
    return FaceRecipe() if given.get("crops") is None else FaceRecipe(crop_side=USUAL_SIDE)


def training_of_faces() -> SettingsGroup:
    """The training of recordings of faces: the same options as that of pupils, over other defaults."""
    return SettingsGroup(OptionGroup("", ""), base=face_training_from)


def face_training_from(given: Given) -> TrainingSettings:
    """The training of faces over which single options are laid: that of `--preset`, or of crops where they are named."""
    if given.get("crops") is not None:
        return TrainingSettings.crops()
    return TrainingSettings.report() if given.get("preset") == "report" else TrainingSettings.faces()


def training_options(*common: str) -> SettingsGroup:
    """The options of a training, of which help shows `common` first."""
    return SettingsGroup(
        OptionGroup("Network and training", "Sizes, optimiser, epochs. Defaults are those of --preset."),
        base=training_from,
        common=common,
    )


def listed_hyperparameters(
    rates: tuple[float, ...], decays: tuple[float, ...], dropouts: tuple[float, ...]
) -> dict[str, tuple[float, ...]]:
    """The hyperparameters that `--rates`, `--decays` and `--dropouts` list, by their names in `TrainingSettings`."""
    lists = {"learning_rate": rates, "weight_decay": decays, "dropout": dropouts}
    return {name: values for name, values in lists.items() if values}


def called_by_lists(vary: Mapping[str, object]) -> dict[str, str]:
    """Options by the hyperparameters that they list, where they do."""
    flags = {"learning_rate": "--rates", "weight_decay": "--decays", "dropout": "--dropouts"}
    return {name: flags[name] for name in vary}
