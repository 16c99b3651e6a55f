"""`smilejax check`: what was understood of a file of recordings."""

from dataclasses import dataclass, field

from smilejax.cli.command import Command
from smilejax.cli.shared_arguments import Data, MappingFile, Reading
from smilejax.settings import ReadSettings


@dataclass(frozen=True)
class CheckArguments:
    """Read recordings and show what was understood: columns, unit, rate, missing samples, classes. Writes nothing."""

    data: Data
    """Files or folders with the recordings."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)


def run(arguments: CheckArguments) -> None:
    """Read, and print what was understood."""
    from smilejax import readers
    from smilejax.cli import print_trials, terminal

    with terminal.working("reading"):
        trials = readers.read(arguments.data, arguments.read, labels="optional")
    print_trials.findings(trials)
    print_trials.print_trials(trials)


COMMAND = Command(
    "check",
    CheckArguments,
    run,
    examples=("smilejax check recording.csv", "smilejax check recording.xlsx --classes Easy Hard --time-unit ms"),
)
