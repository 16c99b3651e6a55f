"""The commands `clean` and `multiverse`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from smilejax import readers
from smilejax._util.errors import DataError, SettingsError, listed
from smilejax.cli import show, show_cleaning, terminal
from smilejax.cli.arguments import CleanCommand, MultiverseCommand
from smilejax.cli.outputs import claim_files, write_figure
from smilejax.cli.varying import varied_values
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings, check_seed


def clean(command: CleanCommand) -> None:
    """CleanCommand, say what was done and what is left, and write what was asked for."""
    _check_asks_for_a_trial(command)
    outputs = claim_files(
        {
            "--out": command.out,
            "--samples": command.samples,
            "--quality": command.quality,
            "--plot": command.plot,
        },
        overwrite=command.overwrite,
        data=command.data,
    )
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read, labels="optional")
    _check_classes(trials, command.read)
    row = None if command.show_trial is None else find_trial(trials, command.show_trial, command.show_participant)

    from smilejax import preprocess
    from smilejax.preprocess.quality_tables import trial_quality

    with terminal.working("cleaning"):
        cleaned = preprocess.clean(trials, command.recipe)
        quality = trial_quality(trials, cleaned, command.recipe)
    show_cleaning.recipe(trials, command.base, command.recipe)
    show_cleaning.quality(trials, quality)
    show.kept(trials, cleaned)
    show_cleaning.reasons(trials, quality)
    show_cleaning.warnings(trials, quality)
    if row is not None:
        show_cleaning.trial(trials, quality, row)
    with terminal.working("writing"):
        _write_cleaned(outputs, trials, cleaned, quality, command.recipe, row)
    show.wrote(list(outputs.values()))


def _write_cleaned(
    outputs: dict[str, Path], trials: Trials, cleaned: Any, quality: Any, recipe: Recipe, row: int | None
) -> None:
    from smilejax.preprocess import cleaned_tables
    from smilejax.report import figures

    made: dict[str, Callable[[], Any]] = {
        "--out": lambda: cleaned_tables.step_table(trials, cleaned, recipe),
        "--samples": lambda: cleaned_tables.sample_table(trials, cleaned),
        "--quality": lambda: quality,
    }
    for option, path in outputs.items():
        if option in made:
            readers.write_table(made[option](), path)
        elif row is not None:
            write_figure(
                path, figures.rendered(figures.trace_figure(trials, cleaned, recipe, row), path.suffix.lower())
            )


def _check_classes(trials: Trials, given: ReadSettings) -> None:
    """Trials need no label; but classes that were named and are nowhere in the file are a slip."""
    if given.classes != ReadSettings().classes and np.all(trials.label == UNLABELLED):
        held = next((found.value for found in trials.source.findings if found.what == "labels"), "none in the file")
        raise DataError(f"no trial is labelled {' or '.join(given.classes)}. The labels are {held}.")


def _check_asks_for_a_trial(command: CleanCommand) -> None:
    if command.show_trial is not None:
        return
    for option, given, what in (
        ("--plot", command.plot, "draws one trial"),
        ("--show-participant", command.show_participant, "chooses between trials of one name"),
    ):
        if given is not None:
            raise SettingsError(f"{option} {what}, and none is named. Name it with --show-trial TRIAL.")


def find_trial(trials: Trials, name: str, participant: str | None = None) -> int:
    """The row of a trial by its name, and, where several participants have one of that name, by whose it is.

    Raises:
        DataError: there is none, or there are several; the message lists names to choose from.
    """
    people = list(dict.fromkeys(trials.participant))
    if participant is not None and participant not in people:
        raise DataError(
            f"show-participant must be one of the recording's; there is no participant {participant!r}. "
            f"There are {listed(people)}."
        )
    rows = [row for row, trial in enumerate(trials.trial) if trial == name]
    if not rows:
        raise DataError(
            f"show-trial must be one of the recording's; there is no trial {name!r}. "
            f"There are {listed(dict.fromkeys(trials.trial))}."
        )
    own = [row for row in rows if participant in (None, trials.participant[row])]
    owners = listed(trials.participant[row] for row in rows)
    if not own:
        raise DataError(
            f"participant {participant!r} has no trial {name!r}; one of that name have participants {owners}."
        )
    if len(own) > 1:
        raise DataError(
            f"there are {len(own)} trials {name!r}, of participants {owners}. Choose one of them with "
            f"--show-participant {trials.participant[own[0]]}."
        )
    return own[0]


def multiverse(command: MultiverseCommand) -> None:
    """The finding under every recipe of a grid, and what was asked for written."""
    check_seed(command.seed)
    _check_channels(command)
    vary = varied_values(command.vary)
    outputs = claim_files(
        {"--out": command.out, "--traces": command.traces, "--plot": command.plot},
        overwrite=command.overwrite,
        data=command.data,
    )
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read)

    import jax

    from smilejax.evaluation.multiverse import DEFAULT_VARY, explore, recipe_grid

    grid = recipe_grid(command.recipe, vary or DEFAULT_VARY, trials)
    with show_cleaning.recipes(len(grid)) as progress:
        found = explore(trials, grid, key=jax.random.key(command.seed), window_ms=command.window_ms, progress=progress)
    show_cleaning.multiverse(trials, found)
    with terminal.working("writing"):
        _write_multiverse(outputs, found)
    show.wrote(list(outputs.values()))


def _check_channels(command: MultiverseCommand) -> None:
    if command.recipe.channels not in (Recipe.named(command.base).channels, ("fused",)):
        raise SettingsError(
            "channels cannot be chosen for a multiverse, which compares the fused pupil; they are "
            f"{', '.join(command.recipe.channels)}. Leave out --channels."
        )


def _write_multiverse(outputs: dict[str, Path], found: Any) -> None:
    from smilejax.evaluation.multiverse import recipe_table, trace_table
    from smilejax.report import figures

    made: dict[str, Callable[[Any], Any]] = {"--out": recipe_table, "--traces": trace_table}
    for option, path in outputs.items():
        if option in made:
            readers.write_table(made[option](found), path)
        else:
            write_figure(path, figures.rendered(figures.specification_curve(found), path.suffix.lower()))
