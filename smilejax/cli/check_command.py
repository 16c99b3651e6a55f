"""`smilejax check`: what was understood of a file of recordings."""

from dataclasses import dataclass, field

from smilejax.cli.command import Command
from smilejax.cli.shared_arguments import Data, Reading
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings


@dataclass(frozen=True)
class CheckArguments:
    """Read recordings and show what was understood: columns, unit, rate, missing samples, classes. Writes nothing."""

    data: Data
    """File or folder with the recordings."""
    read: Reading = field(default_factory=ReadSettings)


def run(arguments: CheckArguments) -> None:
    """Read, and print what was understood."""
    from smilejax import readers
    from smilejax.cli import print_trials, terminal

    with terminal.working("reading"):
        trials = readers.read(arguments.data, arguments.read, labels="optional")
    print_trials.findings(trials)
    print_trials.print_trials(trials)
    print_trials.baseline(trials, Recipe())


COMMAND = Command(
    "check",
    CheckArguments,
    run,
    examples=("smilejax check recording.csv", "smilejax check recording.xlsx --classes Easy Hard --time-unit ms"),
)
