"""`smilejax clean`: recordings cleaned by a recipe, what was done to them, and what is left."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, DataError, SettingsError, listed
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import Data, File, MappingFile, Reading, RecipeByName, cleaning, cleaning_of_faces
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings

if TYPE_CHECKING:
    import pandas as pd

    from smilejax.cli.cleaned import CleanedRecording
    from smilejax.recordings.any_recording import AnyRecording

COMMON = ("max_missing", "max_gap_ms", "lowpass_hz", "resample_hz", "channels")
"""Settings of a recipe that help shows first."""


@dataclass(frozen=True)
class CleanArguments:
    """Clean recordings by a recipe, and show what was done to them and how much is left."""

    data: Data
    """Files or folders with the recordings; labels are not needed."""
    recipe_name: RecipeByName = "default"
    """Recipe of cleaning: default (this project's choices), report (the project report's), kret2019 (Kret & Sjak-Shie 2019) or
    minimal (plausible range, short gaps, baseline). Single options override it."""
    show_trial: Annotated[str | None, Arg(metavar="TRIAL")] = None
    """Trial to describe: its quality, and with `plot` a figure."""
    show_participant: Annotated[str | None, Arg(metavar="PARTICIPANT")] = None
    """Whose trial, where several participants have one of that name."""
    plot: File = None
    """Figure of that trial: recorded, cleaned, and the reason for every sample; .png, .svg or .pdf."""
    out: File = None
    """Table of the cleaned data, one row per trial and step: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm. Rejected trials
    stand in it without values."""
    samples: File = None
    """Table of the samples as recorded, each with its reasons, in the same formats."""
    quality: File = None
    """Table of the quality of each trial, in the same formats."""
    overwrite: bool = False
    """Replace existing files."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Annotated[Recipe, cleaning("max_missing", "max_gap_ms", "lowpass_hz", "resample_hz", "channels")] = field(
        default_factory=Recipe
    )
    face_recipe: Annotated[FaceRecipe, cleaning_of_faces()] = field(default_factory=FaceRecipe)


def run(arguments: CleanArguments) -> None:
    """Clean, print what was done and what is left, and write what was asked for."""
    _check_asks_for_a_trial(arguments)
    from smilejax.cli import print_cleaning, print_trials, terminal
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.cli.recordings_read import further_tables, print_left_out, read_recordings

    files = {
        "--out": arguments.out,
        "--samples": arguments.samples,
        "--quality": arguments.quality,
        "--plot": arguments.plot,
    }
    outputs = claim_files(files, overwrite=arguments.overwrite, data=(*arguments.data, *further_tables(arguments.read)))
    trials = read_recordings(arguments.data, arguments.read, "optional", mapping=arguments.mapping)
    _check_classes(trials, arguments.read)
    row = None if arguments.show_trial is None else find_trial(trials, arguments.show_trial, arguments.show_participant)

    from smilejax.cli.by_kind import recipe_for
    from smilejax.cli.cleaned import cleaned_by

    recipe = recipe_for(trials, arguments.recipe, arguments.face_recipe, arguments.recipe_name)
    with terminal.working("cleaning"):
        done = cleaned_by(trials, recipe)
        quality = done.quality
    print_cleaning.recipe(trials, arguments.recipe_name, recipe)
    print_left_out(trials)
    print_cleaning.quality(trials, quality)
    print_trials.kept(trials, done.cleaned)
    print_cleaning.reasons(trials, quality)
    print_cleaning.warnings(trials, quality)
    if row is not None:
        print_cleaning.trial(trials, quality, row)
    with terminal.working("writing"):
        _write(outputs, done, row)
    print_written(list(outputs.values()))


def _write(
    outputs: dict[str, Path],
    done: "CleanedRecording",
    row: int | None,
) -> None:
    from smilejax import readers
    from smilejax._util.json_files import write_bytes

    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "--out": done.steps,
        "--samples": done.samples,
        "--quality": lambda: done.quality,
    }
    for option, path in outputs.items():
        if option in tables:
            readers.write_table(tables[option](), path)
        elif row is not None:
            write_bytes(path, done.figure(row, path.suffix.lower()))


def _check_classes(trials: "AnyRecording", given: ReadSettings) -> None:
    """Trials need no label; but classes that were named and are nowhere in the file are a slip."""
    if given.classes != ReadSettings().classes and (trials.label < 0).all():
        held = next((found.marked for found in trials.source.findings if found.what == "labels"), "none in the file")
        raise DataError(f"no trial is labelled {' or '.join(given.classes)}. The labels are {held}.")


def _check_asks_for_a_trial(arguments: CleanArguments) -> None:
    if arguments.show_trial is not None:
        return
    for name, given, what in (
        ("plot", arguments.plot, "draws one trial"),
        ("show_participant", arguments.show_participant, "chooses between trials of one name"),
    ):
        if given is not None:
            raise SettingsError(
                hint=f"{SETTING(name)} {what}, and none is named. Name it with {SETTING.show_trial} TRIAL."
            )


def find_trial(trials: "AnyRecording", name: str, participant: str | None = None) -> int:
    """The row of a trial by its name, and, where several participants have one of that name, by whose it is.

    Raises:
        DataError: there is none, or there are several; the message lists names to choose from.
    """
    participants = list(dict.fromkeys(trials.participant))
    if participant is not None and participant not in participants:
        raise DataError(f"there is no participant {participant!r}.", hint=_there_are(participant, participants))
    rows = [row for row, trial in enumerate(trials.trial) if trial == name]
    if not rows:
        raise DataError(f"there is no trial {name!r}.", hint=_there_are(name, list(dict.fromkeys(trials.trial))))
    own = [row for row in rows if participant in (None, trials.participant[row])]
    owners = listed(trials.participant[row] for row in rows)
    if not own:
        raise DataError(f"participant {participant!r} has no trial {name!r}; these have one: {owners}.")
    if len(own) > 1:
        raise DataError(
            f"there are {len(own)} trials {name!r}, of participants {owners}.",
            hint=f"Choose one of them with {SETTING.show_participant} {trials.participant[own[0]]}.",
        )
    return own[0]


def _there_are(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names)
    return f"There are {listed(names)}." + (f" Is it {' or '.join(close)}?" if close and len(names) > 8 else "")


COMMAND = Command(
    "clean",
    CleanArguments,
    run,
    examples=(
        "smilejax clean recording.csv",
        "smilejax clean recording.csv --recipe kret2019 --lowpass-hz none --out cleaned.csv",
        "smilejax clean recording.csv --show-trial t003 --show-participant p01 --plot trial.png",
    ),
)
