"""`power`: simulated studies over a grid, and how many are significant."""

import math
from dataclasses import replace

import pandas as pd

from smilejax import readers
from smilejax.cli import devices, show, terminal
from smilejax.cli.arguments import PowerCommand, Processes
from smilejax.cli.checks import note_late_effect
from smilejax.cli.outputs import claim_files
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import check_seed


def power(command: PowerCommand) -> None:
    """SimulateCommand, judge, count, and print."""
    check_seed(command.settings.seed)
    out = claim_files({"--out": command.out}, overwrite=command.overwrite).get("--out")
    devices.check(command.devices, Processes())
    devices.settle(command.devices, Processes())
    note_late_effect(command.simulation, command.effects)

    from smilejax.evaluation.power import power as power_of

    recipe = Recipe.named(command.base)
    if command.resample_hz is not None:
        recipe = replace(recipe, resample_hz=command.resample_hz)
    counts = (command.effects, command.participant_counts, command.smiler_counts)
    designs = math.prod(max(1, len(values)) for values in counts)
    with terminal.counted(designs * command.settings.studies, "studies") as (progress, said):
        said("simulating")
        table = power_of(
            command.simulation,
            command.settings,
            effects_mm=command.effects,
            participants=command.participant_counts,
            smilers=command.smiler_counts,
            recipe=recipe,
            training=command.training,
            progress=progress,
        )
    if out is not None:
        readers.write_table(table, out)
    shown(table, command)
    show.wrote([] if out is None else [out])


def shown(table: pd.DataFrame, command: PowerCommand) -> None:
    """The grid, and what it stands for."""
    from smilejax.evaluation.study.protocols import SCORES

    settings = command.settings
    numbers = ("effect", "people", "smilers", "trials", "power", "95% interval", "right", "least p")
    title = f"Chance of p up to {settings.alpha:g} ({settings.studies} studies each)"
    out = terminal.table(title, *numbers, right=numbers)
    for _, row in table.iterrows():
        known = pd.notna(row["power"])
        out.add_row(
            f"{row['effect_mm']:g} mm",
            str(row["participants"]),
            str(row["smilers"]),
            str(row["trials"]),
            f"{row['power']:.0%}" if known else "-",
            f"{row['low']:.0%} to {row['high']:.0%}" if known else "-",
            f"{row['score']:.0%}" if known else "-",
            f"{row['smallest_p']:.2g}" if known else "-",
        )
    terminal.printed(out)
    for note in dict.fromkeys(note for note in table["note"] if note):
        terminal.out.print(f"{_designs(table[table['note'] == note])}: {note}", markup=False)
    by = {
        "rocket": "random convolutions with a ridge classifier, which take permutations at no cost; the network's own power "
        "can be lower or higher (--classifier network, which is slow)",
        "features": "logistic regression on features of the pupil",
        "network": "the network, one training a fold",
    }[settings.classifier]
    for name in dict.fromkeys(name for name in table["scored_on"] if name):
        rows = table[table["scored_on"] == name]
        fewest, most = rows["permutations"].min(), rows["permutations"].max()
        which = "" if len(rows) == len(table) else f" ({_designs(rows)})"
        terminal.out.print(
            f"Studies are judged on {SCORES[name]}{which}, by {fewest}{'' if fewest == most else f' to {most}'} permutations.",
            markup=False,
        )
    terminal.out.print(f"What is trained is {by}. It holds for pupils like the simulated ones.\n", markup=False)


def _designs(rows: pd.DataFrame) -> str:
    sizes = rows[["participants", "smilers"]].drop_duplicates().itertuples(index=False)
    return ", ".join(f"{p} people x {s} smilers" for p, s in sizes)
