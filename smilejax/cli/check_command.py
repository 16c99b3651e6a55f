"""`smilejax check`: what was understood of recordings, and a mapping file that says it."""

from dataclasses import dataclass, field
from typing import Annotated

from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import READING, Crops, Data, File, MappingFile, Reading
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings


@dataclass(frozen=True)
class CheckArguments:
    """Read recordings and show what was understood: columns, unit, rate, time zero, missing samples, classes."""

    data: Data
    """Files or folders with the recordings."""
    save_mapping: File = None
    """Mapping file to write, .toml: every setting of reading in effect, what was given and what was recognised."""
    crops: Crops = None
    """Of faces, the folder of crops that `smilejax track --crops` wrote with the table: are they all there, and of one size?"""
    crop_side: Annotated[int | None, Arg(heading=READING)] = None
    """Height and width in pixels to which crops are scaled, by default 48."""
    overwrite: bool = False
    """Replace an existing mapping file."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)


def run(arguments: CheckArguments) -> None:
    """Read, print what was understood, and write the mapping file."""
    from smilejax.cli import print_trials
    from smilejax.cli.by_kind import cropped
    from smilejax.cli.outputs import claim_mapping, print_written
    from smilejax.cli.recordings_read import further_tables, read_quietly
    from smilejax.readers import save_mapping

    inputs = (*arguments.data, *further_tables(arguments.read))
    to = claim_mapping(arguments.save_mapping, overwrite=arguments.overwrite, data=inputs)
    trials, warned = read_quietly(arguments.data, arguments.read, "optional", mapping=arguments.mapping)
    trials = cropped(trials, arguments.crops, arguments.crop_side)
    print_trials.findings(trials)
    print_trials.print_recording(trials)
    print_trials.lengths(trials)
    print_trials.baseline(trials, Recipe())
    print_trials.warnings(trials, warned)
    if to is not None:
        print_written([save_mapping(trials, to, overwrite=arguments.overwrite)])


COMMAND = Command(
    "check",
    CheckArguments,
    run,
    examples=(
        "smilejax check recording.csv",
        "smilejax check recording.xlsx --classes Easy Hard --time-unit ms",
        "smilejax check p01.csv p02.csv --trial block trial --save-mapping map.toml",
    ),
    computes=False,
)
