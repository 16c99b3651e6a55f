"""`smilejax power`: simulated studies over a grid of sizes and effects, and how many of them are significant."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

from smilejax._util.number_text import several
from smilejax.cli import device_setup
from smilejax.cli.command import Command
from smilejax.cli.options import Arg, OptionGroup, SettingsGroup
from smilejax.cli.shared_arguments import Devices, File, RecipeByName, training_options
from smilejax.cli.simulate_command import Simulation
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import PowerSettings, SimulationSettings, TrainingSettings, check_seed
from smilejax.settings.checks import require

if TYPE_CHECKING:
    import pandas as pd

CLEANING_OPTIONS = OptionGroup("Cleaning", "What of the recipe can be set here.")
CLASSIFIERS = {
    "rocket": "MiniRocket, whose permutation test costs next to nothing. The network's own power can be lower or higher "
    "(--classifier network, which is slow)",
    "features": "Pupil features, logistic regression",
    "dynamics": "Smile dynamics, logistic regression, which are not for pupils",
    "network": "the network, trained once for each fold",
    "combined": "the network, trained once for each fold, and MiniRocket: the mean of their log odds",
}
"""What is trained in each study, in words."""


@dataclass(frozen=True)
class PowerArguments:
    """How many participants would a study need? Simulates studies over a grid, and counts those that are significant."""

    effects: Annotated[tuple[float, ...], Arg(metavar="MM ...")] = ()
    """Effects in mm, from 0 up; `effect_mm` where none is given."""
    participant_counts: Annotated[tuple[int, ...], Arg(metavar="N ...")] = ()
    """Numbers of participants, from 2 up; `participants` where none is given."""
    smiler_counts: Annotated[tuple[int, ...], Arg(metavar="N ...")] = ()
    """Numbers of smilers, each of two stimuli; `smilers` where none is given."""
    out: File = None
    """Table with one row per design: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm."""
    overwrite: bool = False
    """Replace an existing table."""
    recipe_name: RecipeByName = "default"
    """Recipe of cleaning: default, report, kret2019 or minimal."""
    resample_hz: Annotated[float | None, Arg(heading=CLEANING_OPTIONS)] = None
    """Rate of the classifier's input; that of the recipe where none is given."""
    devices: Devices = None
    """Number of devices, by default all; on a CPU, how many trainings at the same time, by default one for each core."""
    settings: Annotated[
        PowerSettings,
        SettingsGroup(
            OptionGroup("Test of each study", "Blocks, significance level, seed."),
            common=("studies", "permutations", "classifier"),
        ),
    ] = field(default_factory=PowerSettings)
    simulation: Simulation = field(default_factory=SimulationSettings)
    training: Annotated[TrainingSettings, training_options()] = field(default_factory=TrainingSettings)


def run(arguments: PowerArguments) -> None:
    """Simulate, judge, count, and print."""
    _check(arguments)
    from smilejax import readers
    from smilejax.cli import terminal
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.cli.simulated import note_late_effect

    out = claim_files({"--out": arguments.out}, overwrite=arguments.overwrite).get("--out")
    device_setup.check(arguments.devices)
    note_late_effect(arguments.simulation, arguments.effects)

    from smilejax.evaluation.power import power

    recipe = Recipe.named(arguments.recipe_name)
    if arguments.resample_hz is not None:
        recipe = replace(recipe, resample_hz=arguments.resample_hz)
    counts = (arguments.effects, arguments.participant_counts, arguments.smiler_counts)
    designs = math.prod(max(1, len(values)) for values in counts)
    with terminal.counting(designs * arguments.settings.studies, "studies") as counting:
        counting.stage("simulating")
        table = power(
            arguments.simulation,
            arguments.settings,
            effects_mm=arguments.effects,
            participants=arguments.participant_counts,
            smilers=arguments.smiler_counts,
            recipe=recipe,
            training=arguments.training,
            devices=device_setup.chosen(arguments.devices),
            progress=counting.ended,
        )
    if out is not None:
        readers.write_table(table, out)
    _print_power(table, arguments.settings)
    print_written([] if out is None else [out])


def _check(arguments: PowerArguments) -> None:
    """What a grid of studies cannot be: an effect below 0, or a study of one participant."""
    check_seed(arguments.settings.seed)
    simulation = arguments.simulation
    same = "An effect of the other sign has the same power."
    for effect in arguments.effects:
        require(effect >= 0, "effects", "numbers from 0 up, in mm", effect, same)
    require(simulation.effect_mm >= 0, "effect_mm", "a number from 0 up, in mm", simulation.effect_mm, same)
    few = "Studies are judged on participants that the classifier was not trained on."
    for number in arguments.participant_counts:
        require(number >= 2, "participant_counts", "whole numbers from 2 up", number, few)
    enough = bool(arguments.participant_counts) or simulation.participants >= 2
    require(enough, "participants", "a whole number from 2 up", simulation.participants, few)
    for number in arguments.smiler_counts:
        require(number >= 1, "smiler_counts", "whole numbers from 1 up", number)


def _print_power(table: "pd.DataFrame", settings: PowerSettings) -> None:
    """The grid, and what it holds for."""
    from smilejax._util.number_text import number, percent, span
    from smilejax.cli import terminal
    from smilejax.evaluation.names import scored_trials

    heads = (
        "effect",
        "partici-\npants",
        "smilers",
        "trials",
        "power",
        "95% interval",
        "balanced\naccuracy",
        "smallest\np",
    )
    title = f"Proportion of studies with p up to {settings.alpha:g} ({settings.studies} studies of each design)"
    out = terminal.table(title, *heads, right=heads)
    for _, row in table.iterrows():
        out.add_row(
            f"{row['effect_mm']:g} mm",
            str(row["participants"]),
            str(row["smilers"]),
            str(row["trials"]),
            percent(row["power"], 0),
            span(row["low"], row["high"], ".0%"),
            percent(row["balanced_accuracy"], 0),
            number(row["smallest_p"], ".2g"),
        )
    terminal.printed(out)
    for note in dict.fromkeys(note for note in table["note"] if note):
        terminal.out.print(f"{_designs(table[table['note'] == note])}: {note}.".replace("..", "."))
    for name in dict.fromkeys(name for name in table["scored_on"] if name):
        rows = table[table["scored_on"] == name]
        fewest, most = rows["permutations"].min(), rows["permutations"].max()
        which = "" if len(rows) == len(table) else f" ({_designs(rows)})"
        permutations = f"{fewest}{'' if fewest == most else f' to {most}'} label permutation{'' if most == 1 else 's'}"
        terminal.out.print(
            f"Studies{which} are judged on {scored_trials(name, stimuli_recorded=True)}, by {permutations}."
        )
    terminal.paragraph(
        f"Classifier: {CLASSIFIERS[settings.classifier]}. Power holds for pupils like the simulated ones."
    )


def _designs(rows: "pd.DataFrame") -> str:
    sizes = rows[["participants", "smilers"]].drop_duplicates().itertuples(index=False)
    return ", ".join(
        f"{several(participants, 'participant')} x {several(smilers, 'smiler')}" for participants, smilers in sizes
    )


def _also_called(arguments: PowerArguments) -> Mapping[str, str]:
    given = {
        "effect_mm": arguments.effects,
        "participants": arguments.participant_counts,
        "smilers": arguments.smiler_counts,
    }
    flags = {"effect_mm": "--effects", "participants": "--participant-counts", "smilers": "--smiler-counts"}
    return {name: flags[name] for name, values in given.items() if values}


COMMAND = Command(
    "power",
    PowerArguments,
    run,
    examples=(
        "smilejax power --effects 0.1 0.2 0.3 --participant-counts 12 24 48",
        "smilejax power --effects 0.2 --smiler-counts 4 8 16 --out power.csv",
    ),
    also_called=_also_called,
)
