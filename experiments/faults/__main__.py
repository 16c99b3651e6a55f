"""A campaign of faults: things are killed, damaged, filled up and forged, and what must come of it is compared with what does.

    python experiments/faults                        # every row, as often as docs/reliability.md says it was done last
    python experiments/faults --full                 # every row, as often as the whole campaign wants: about a day
    python experiments/faults kills signals --count 3
    python experiments/faults --list

Each row is a module with a table of what is done and what must come of it. Ends with 1 where a case failed.
"""

import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

import tyro
from attackers_files import ROW as ATTACKERS
from campaign import COMMANDS, Case, Place, Row
from damaged_inputs import ROW as INPUTS
from files_in_the_way import ROW as IN_THE_WAY
from flipped_bytes import ROW as FLIPPED
from hostile_names import ROW as HOSTILE
from kills import ROW as KILLS
from memory_limits import ROW as MEMORY
from same_numbers import ROW as SAME
from several_processes import ROW as PROCESSES
from signals import ROW as SIGNALS

ROWS = (KILLS, SIGNALS, FLIPPED, IN_THE_WAY, INPUTS, PROCESSES, MEMORY, HOSTILE, ATTACKERS, SAME)


@dataclass(frozen=True)
class Arguments:
    """What the campaign takes."""

    rows: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Rows to do; all by default."""
    count: int = 2
    """Repetitions of each thing that is done."""
    full: bool = False
    """As many repetitions as the whole campaign wants."""
    commands: tuple[str, ...] = tuple(COMMANDS)
    """Commands that kills, signals and same-numbers try."""
    seed: int = 0
    """Of what is drawn: instants, bytes, places."""
    folder: Path | None = None
    """Where studies and compiled programs are kept between campaigns; by default a folder that is removed."""
    list: bool = False
    """Only list the rows."""


def main(args: Arguments) -> int:
    """Do the rows, and print each case and the counts."""
    if unknown := set(args.rows) - {row.name for row in ROWS}:
        raise SystemExit(
            f"There are no rows {', '.join(sorted(unknown))}. Rows: {', '.join(row.name for row in ROWS)}."
        )
    rows = [row for row in ROWS if not args.rows or row.name in args.rows]
    if args.list:
        for row in rows:
            print(f"{row.name}: {row.done}\n    must: {row.must}\n    the whole campaign: {row.full} of each")
        return 0
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("jax", "numpy", "orbax-checkpoint"))
    print(f"Python {platform.python_version()}, {versions}; {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) if args.folder is None else args.folder.absolute()
        counts = [
            (row, _done(row, Place(folder, args.seed, args.commands), row.full if args.full else args.count))
            for row in rows
        ]
    print("\n| row | cases | as they must be | seconds |\n|---|---|---|---|")
    for row, (cases, seconds) in counts:
        print(f"| {row.name} | {len(cases)} | {sum(case.ok for case in cases)} | {seconds:.0f} |")
    return int(any(not case.ok for _, (cases, _) in counts for case in cases))


def _done(row: Row, place: Place, count: int) -> tuple[list[Case], float]:
    print(f"## {row.name}: {row.done}\nmust: {row.must}", flush=True)
    began, cases = time.monotonic(), []
    for case in row.cases(place, count):
        cases.append(case)
        print(f"  {'ok    ' if case.ok else 'FAILED'} {case.what}{'' if case.ok else f': {case.said}'}", flush=True)
    return cases, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Arguments, description=__doc__)))
