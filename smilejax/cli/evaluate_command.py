"""`smilejax evaluate`: a study from recordings to its verdict and its report."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from smilejax._util.errors import SETTING, SettingsError
from smilejax._util.typed_json import JsonObject
from smilejax.cli import device_setup
from smilejax.cli.command import STOPPED, Command
from smilejax.cli.options import Arg, Given, OptionGroup, SettingsGroup
from smilejax.cli.shared_arguments import (
    READING,
    Crops,
    Data,
    Devices,
    File,
    MappingFile,
    Memory,
    Numbers,
    Preset,
    Reading,
    RecipeOrPreset,
    called_by_lists,
    cleaning,
    cleaning_of_faces,
    listed_hyperparameters,
    training_of_faces,
    training_options,
)
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings, StudySettings, TrainingSettings, to_json

RESUMABLE = "stopped; the runs that had ended are kept in {out}. The same command with --resume goes on with them."


def study_from(given: Given) -> StudySettings:
    """The study over which single options are laid: fewer seeds than by default limit the seeds of its parts."""
    seeds = given.get("seeds", StudySettings.seeds)
    assert isinstance(seeds, int)
    return StudySettings.with_seeds(min(max(seeds, 1), StudySettings.seeds))


@dataclass(frozen=True)
class EvaluateArguments:
    """How well can the classes be distinguished by pupils, or by faces, and how sure is that?

    Trains the network, or another classifier, under every protocol that the data allow, tests it against label permutations,
    compares it with reference classifiers and negative controls, and writes a folder with all numbers, a model for new
    recordings and report.html.
    """

    data: Data
    """Files or folders with the recordings."""
    out: Annotated[Path | None, Arg(metavar="FOLDER")] = None
    """Folder for the study; needed unless `plan` is given."""
    plan: bool = False
    """Say what would be trained and how long; write nothing."""
    preset: Preset = "default"
    """Settings: default (these learn) or report (those of the project report, its recipe too)."""
    recipe_name: RecipeOrPreset = None
    """Recipe of cleaning: default (this project's choices), report (the project report's), kret2019 (Kret & Sjak-Shie 2019) or
    minimal (plausible range, short gaps, baseline). By default that of `preset`; single options override it."""
    stimulus_table: File = None
    """Table of what else is known of each stimulus, as luminance: negative controls, and limits of the study."""
    stills: Annotated[bool, Arg(heading=READING)] = False
    """Of videos of faces, judge by the frame at the apex of each smile alone: what photos could tell."""
    crops: Crops = None
    """Of faces, the folder of crops that `smilejax track --crops` wrote with the table: a network of these pictures is judged
    (cnn, or --network convlstm), and none of measures."""
    resume: bool = False
    """Go on with a study that was stopped."""
    rates: Numbers = ()
    """Learning rates to choose among, inside each fold; `learning_rate` where none is given."""
    decays: Numbers = ()
    """Weight decays to choose among (adamw), likewise."""
    dropouts: Numbers = ()
    """Dropout rates to choose among, likewise."""
    devices: Devices = None
    """Number of devices, by default all; on a CPU, how many trainings at the same time, by default one for each core."""
    memory_mib: Memory = None
    """Memory that programs may use, in MiB, above 0; by default half of what is free."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Annotated[Recipe, cleaning()] = field(default_factory=Recipe)
    face_recipe: Annotated[FaceRecipe, cleaning_of_faces()] = field(default_factory=FaceRecipe)
    training: Annotated[TrainingSettings, training_options()] = field(default_factory=TrainingSettings)
    face_training: Annotated[TrainingSettings, training_of_faces()] = field(default_factory=TrainingSettings.faces)
    study: Annotated[
        StudySettings,
        SettingsGroup(
            OptionGroup(
                "Folds, seeds and tests",
                "How many folds, seeds and bootstrap draws, and what labels are permuted among.",
            ),
            base=study_from,
            common=("classifier", "seeds", "permutations"),
            metavars={"scheme": "SCHEME", "folds_from": "COLUMN", "by": "COLUMN ..."},
        ),
    ] = field(default_factory=StudySettings)

    @property
    def vary(self) -> dict[str, tuple[float, ...]]:
        """The hyperparameters that are chosen among, by their names."""
        return listed_hyperparameters(self.rates, self.decays, self.dropouts)


def with_columns(read: ReadSettings, study: StudySettings) -> ReadSettings:
    """How to read, with the columns that the study needs among those that are kept."""
    asked = (*study.by, *(() if study.folds_from is None else (study.folds_from,)))
    return dataclasses.replace(read, columns=tuple(dict.fromkeys((*read.columns, *asked))))


def run(arguments: EvaluateArguments) -> None:
    """Read, prepare, train everything, and print what came of it."""
    memory = device_setup.memory_bytes(arguments.memory_mib)
    device_setup.check(arguments.devices)

    from smilejax.cli import print_trials
    from smilejax.cli.by_kind import apexes, cropped
    from smilejax.cli.outputs import not_begun
    from smilejax.cli.recordings_read import read_recordings, shown_paths
    from smilejax.evaluation.study import study_files
    from smilejax.readers import read_stimulus_table

    folder = None
    if not arguments.plan:
        if arguments.out is None:
            raise SettingsError(
                f"{SETTING.out} must name a folder for the study; none was named.",
                hint=f"{SETTING.plan} does without one, and only says what would be trained.",
            )
        folder = study_files.check_study_folder(
            arguments.out, resume=arguments.resume, settings=evaluated_settings(arguments)
        )
        if arguments.resume and study_files.found_in(folder) == "nothing":
            not_begun("study", folder)
    used = device_setup.chosen(arguments.devices)
    read = with_columns(arguments.read, arguments.study)
    trials = apexes(read_recordings(arguments.data, read, mapping=arguments.mapping), stills=arguments.stills)
    trials = cropped(trials, arguments.crops, arguments.face_recipe.crop_side)
    print_trials.findings(trials)
    table = None
    if arguments.stimulus_table is not None:
        table = read_stimulus_table(arguments.stimulus_table, recordings=trials)

    from smilejax.cli.by_kind import recipe_for, training_for
    from smilejax.cli.study_folder import StudyChoices, make_study, plan_study
    from smilejax.evaluation.study.study_record import DataFrom
    from smilejax.readers.mapping import settings_in_effect

    recipe = recipe_for(trials, arguments.recipe, arguments.face_recipe, arguments.recipe_name, arguments.preset)
    training = training_for(trials, arguments.training, arguments.face_training)
    choices = StudyChoices(recipe, training, arguments.study, arguments.vary, table)
    if folder is None:
        plan_study(trials, choices, devices=used, memory_bytes=memory)
        return
    kept = trials.source.read
    in_effect = read if kept is None else settings_in_effect(kept)
    data_from = DataFrom(shown_paths(arguments.data), to_json(in_effect))
    make_study(trials, choices, folder, data_from=data_from, devices=used, memory_bytes=memory)


def evaluated_settings(arguments: EvaluateArguments) -> dict[str, JsonObject]:
    """Recipe, training and study as a finished study keeps them."""
    return {
        "recipe": to_json(arguments.recipe),
        "training": to_json(arguments.training),
        "study": to_json(arguments.study.in_effect()),
    }


def _also_called(arguments: EvaluateArguments) -> Mapping[str, str]:
    return {"memory_bytes": "--memory-mib", **called_by_lists(arguments.vary)}


COMMAND = Command(
    "evaluate",
    EvaluateArguments,
    run,
    examples=(
        "smilejax evaluate recording.csv --out my-study",
        "smilejax evaluate recording.csv --plan",
        "smilejax evaluate recording.csv --out my-study --stimulus-table stimuli.csv",
        "smilejax evaluate recording.csv --out quick --seeds 3 --permutations 39",
    ),
    also_called=_also_called,
    stopped=lambda arguments: STOPPED if arguments.plan else RESUMABLE.format(out=arguments.out),
)
