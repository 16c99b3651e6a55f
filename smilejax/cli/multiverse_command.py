"""`smilejax multiverse`: how far a finding moves with the choices of cleaning."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import Data, File, MappingFile, Reading, RecipeByName, cleaning
from smilejax.cli.vary import varied_values
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings, check_seed

if TYPE_CHECKING:
    import pandas as pd

    from smilejax.evaluation.multiverse import Multiverse, RecipeGrid
    from smilejax.evaluation.multiverse.recipe_grid import SettingValue
    from smilejax.recordings.trials import Trials


@dataclass(frozen=True)
class MultiverseArguments:
    """Clean recordings by every combination of some settings, and show how far the difference between the classes moves.

    Without --vary: 108 recipes of choices on which published work differs.
    """

    data: Data
    """Files or folders with the recordings."""
    recipe_name: RecipeByName = "default"
    """Recipe of cleaning: default (this project's choices), report (the project report's), kret2019 (Kret & Sjak-Shie 2019) or
    minimal (plausible range, short gaps, baseline). Single options override it."""
    vary: Annotated[tuple[str, ...], Arg(metavar="NAME=V1,V2,...", repeated=True)] = ()
    """A setting of the recipe and its values: max_gap_ms=250,400,inf, or lowpass_hz=none,4, or range_mm=1.5:9,2:8, or
    recipe=default,kret2019 for the recipe itself. Can be given several times."""
    difference_ms: Annotated[tuple[float, float] | None, Arg(metavar="FROM TO")] = None
    """Window of the difference, in ms from the start of the trial; by default 1000 to the end."""
    seed: int = 0
    """Seed of the folds of the classifier, 0 to 2**32 - 1."""
    out: File = None
    """Table with one row per recipe: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm."""
    traces: File = None
    """Table with one row per recipe and step in time, in the same formats."""
    plot: File = None
    """Figure of all recipes, a specification curve: .png, .svg or .pdf."""
    overwrite: bool = False
    """Replace existing files."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Annotated[Recipe, cleaning()] = field(default_factory=Recipe)


OF_FACES = (
    "Its recipes are of pupils: they vary baselines and blinks. Of faces, `smilejax evaluate` with another option of cleaning "
    "(as --lowpass-hz, --neutral-ms or --align) judges another recipe; say how many were tried."
)
"""What a user with faces can do instead."""


def run(arguments: MultiverseArguments) -> None:
    """The finding under every recipe of a grid, and what was asked for written."""
    check_seed(arguments.seed)
    _check_channels(arguments)
    vary = varied_values(arguments.vary)
    from smilejax.cli import print_multiverse, terminal
    from smilejax.cli.by_kind import pupils_only
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.cli.recordings_read import further_tables, print_left_out, read_recordings

    files = {"--out": arguments.out, "--traces": arguments.traces, "--plot": arguments.plot}
    outputs = claim_files(files, overwrite=arguments.overwrite, data=(*arguments.data, *further_tables(arguments.read)))
    read = read_recordings(arguments.data, arguments.read, mapping=arguments.mapping)
    trials = pupils_only(read, "multiverse", OF_FACES)

    import jax

    from smilejax.evaluation.multiverse import explore

    grid = _grid(arguments.recipe, vary, trials)
    with _recipes(len(grid)) as progress:
        found = explore(
            trials, grid, key=jax.random.key(arguments.seed), window_ms=arguments.difference_ms, progress=progress
        )
    print_multiverse.print_multiverse(trials, found)
    print_left_out(trials)
    with terminal.working("writing"):
        _write(outputs, found)
    print_written(list(outputs.values()))


def _grid(recipe: Recipe, vary: "Mapping[str, tuple[SettingValue, ...]]", trials: "Trials") -> "RecipeGrid":
    from smilejax.evaluation.multiverse import DEFAULT_VARY, recipe_grid

    try:
        return recipe_grid(recipe, vary or DEFAULT_VARY, trials)
    except SettingsError as error:
        if not vary:
            raise
        raise SettingsError(str(error)) from error  # --vary takes names of settings, which are no options here


def _check_channels(arguments: MultiverseArguments) -> None:
    if arguments.recipe.channels not in (Recipe.named(arguments.recipe_name).channels, ("fused",)):
        raise SettingsError(
            setting="channels",
            rule="left out of a multiverse, which compares the fused pupil",
            value=arguments.recipe.channels,
        )


def _write(outputs: Mapping[str, Path], found: "Multiverse") -> None:
    from smilejax import readers
    from smilejax._util.json_files import write_bytes
    from smilejax.evaluation.multiverse import recipe_table, trace_table

    tables: dict[str, Callable[[Multiverse], pd.DataFrame]] = {"--out": recipe_table, "--traces": trace_table}
    for option, path in outputs.items():
        if option in tables:
            readers.write_table(tables[option](found), path)
        else:
            from smilejax.report import figures

            write_bytes(path, figures.rendered(figures.specification_curve(found), path.suffix.lower()))


@contextmanager
def _recipes(total: int) -> Iterator[Callable[[int], None]]:
    """A bar over recipes. Yields what is to be called with the number that are done."""
    from smilejax.cli import terminal

    with terminal.bar() as progress:
        task = progress.add_task("compiling", total=total)
        yield lambda done: progress.update(task, completed=done, description="recipes")


COMMAND = Command(
    "multiverse",
    MultiverseArguments,
    run,
    examples=(
        "smilejax multiverse recording.csv",
        "smilejax multiverse recording.csv --vary max_gap_ms=250,400,inf --vary baseline_ms=none,200",
        "smilejax multiverse recording.csv --difference-ms 2000 6000 --plot curve.png --out recipes.csv",
    ),
    also_called=lambda arguments: {"window_ms": "--difference-ms"},
)
