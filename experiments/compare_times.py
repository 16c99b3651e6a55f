"""How long an evaluation takes from file to verdict, with version 03116ae and with the present one, on one machine.

    python experiments/compare_times.py OLD/bin/smilejax NEW/bin/smilejax smiles.csv --options="--classes fake real --seeds 5"
    python experiments/compare_times.py OLD/bin/smilejax NEW/bin/smilejax effect.csv
    python experiments/compare_times.py OLD/bin/smilejax NEW/bin/smilejax --demo
    python experiments/compare_times.py OLD/bin/smilejax NEW/bin/smilejax --cost

OLD and NEW are two environments, with the same jaxlib and with the native kernel built. The table is one that both read, as
`smilejax convert --to tidy` writes it. The old version is run with 2 and with 12 permutations of one seed; what one training
more takes is the difference over the trainings between them, and its time with 99 permutations of two seeds (its defaults)
follows from the number of trainings that it announces. `--old-whole` runs it whole instead. The present version is run whole.
The two take turns; before the first turn each has compiled its programs once. Seconds are of the whole command, wall clock
and processor time of both cores; with other work on the machine read processor time. The real study takes about 25 minutes.

`--cost` runs the present version alone on simulated studies of 50 to 800 trials and of 5 to 40 participants.
"""

import re
import resource
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import tyro
from tyro.conf import Positional

SMALL, LARGE = 2, 12
"""Permutations of the two shortened runs of the old version."""
OLD_DEFAULTS = ("--relabellings", "99", "--test-seeds", "2")
COST_OPTIONS = ("--seeds", "2", "--permutations", "9")
BY_TRIALS = ((5, 5), (5, 10), (5, 20), (5, 40), (5, 80))
"""Participants and smilers, of whom each gives two trials to each participant: 50 to 800 trials of 5 participants."""
BY_PARTICIPANTS = ((5, 5), (10, 5), (20, 5), (40, 5))


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    old: Positional[Path]
    """The `smilejax` of version 03116ae."""
    new: Positional[Path]
    """The present `smilejax`."""
    study: Positional[Path | None] = None
    """A tidy table with recordings, read by both."""
    options: str = ""
    """Options of `evaluate` that both versions know, as one text."""
    repeats: int = 1
    """Turns."""
    old_whole: bool = False
    """Run the old version with all of its permutations."""
    demo: bool = False
    """Time `smilejax demo` instead."""
    cost: bool = False
    """Time the present version on studies of several sizes instead."""


@dataclass(frozen=True)
class Timed:
    """One command."""

    wall_s: float
    cpu_s: float
    trainings: int
    """As it announced them; 0 where it did not."""


def timed(command: Sequence[str | Path]) -> Timed:
    """Run a command to its end. Raises `SystemExit` with its last lines where it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timed(wall, cpu, announced(done.stdout))


def announced(text: str) -> int:
    """The trainings that a command did: the last count of its progress, or what it said that it would do.

    Example:
        >>> announced("137 trainings. runs: 3 of 137 (2%)\\nruns: 137 of 137 (100%)")
        137
    """
    progress = re.findall(r"(?:runs|training)[^\n]*?: ([\d,]+) of [\d,]+", text)
    stated = re.findall(r"([\d,]+) trainings", text)
    found = progress or stated
    return int(found[-1].replace(",", "")) if found else 0


def trainings_of_old(command: Sequence[str | Path]) -> int:
    """How many trainings the old version announces before it begins; it is stopped then."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if stated := re.match(r"(\d+) trainings\.", line):
                process.kill()
                return int(stated[1])
    raise SystemExit("the old version announced no number of trainings")


def evaluated(smilejax: Path, study: Path, options: Sequence[str], folder: Path) -> Timed:
    """`evaluate` into a new folder."""
    out = Path(tempfile.mkdtemp(dir=folder)) / "study"
    return timed([smilejax, "evaluate", study, *options, "--out", out])


def old_evaluation(args: Arguments, study: Path, folder: Path) -> Timed:
    """The old version's whole evaluation, from two shortened ones unless it is run whole."""
    options = shlex.split(args.options)
    if args.old_whole:
        return evaluated(args.old, study, (*options, *OLD_DEFAULTS), folder)
    small, large = (
        evaluated(args.old, study, (*options, "--relabellings", str(k), "--test-seeds", "1"), folder)
        for k in (SMALL, LARGE)
    )
    whole = trainings_of_old([args.old, "evaluate", study, *options, *OLD_DEFAULTS, "--out", folder / "stopped"])
    more = (whole - small.trainings) / (large.trainings - small.trainings)
    return Timed(
        small.wall_s + more * (large.wall_s - small.wall_s), small.cpu_s + more * (large.cpu_s - small.cpu_s), whole
    )


def compare(args: Arguments, folder: Path) -> None:
    """A row for each turn, then the ratios."""
    options = shlex.split(args.options)
    rows: list[dict[str, float | int | str]] = []
    for turn in range(args.repeats + 1):
        if args.demo:
            old, new = (
                timed([of, "demo", "--out", Path(tempfile.mkdtemp(dir=folder)) / "d"]) for of in (args.old, args.new)
            )
        elif args.study is None:
            raise SystemExit("give a table with recordings, or --demo or --cost")
        elif turn == 0:  # compiles
            evaluated(args.old, args.study, (*options, "--relabellings", "1", "--test-seeds", "1"), folder)
            evaluated(args.new, args.study, (*options, "--permutations", "1"), folder)
            continue
        else:
            old = old_evaluation(args, args.study, folder)
            new = evaluated(args.new, args.study, options, folder)
        if turn:
            rows += [{"turn": turn, "version": name, **row_of(one)} for name, one in (("03116ae", old), ("now", new))]
            print(pd.DataFrame(rows).to_string(index=False), flush=True)
    table = pd.DataFrame(rows)
    for column in ("wall s", "processor s"):
        ratios = [group[column].iloc[0] / group[column].iloc[1] for _, group in table.groupby("turn")]
        print(f"{column}: {statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})")


def row_of(one: Timed) -> dict[str, float | int | str]:
    """A run in a table; what a training takes is of the whole command."""
    each = f"{one.cpu_s / one.trainings:.3f}" if one.trainings else "-"
    return {
        "wall s": round(one.wall_s, 1),
        "processor s": round(one.cpu_s, 1),
        "trainings": one.trainings,
        "processor s a training": each,
    }


def cost(args: Arguments, folder: Path) -> None:
    """Time against trials and against participants, on simulated studies."""
    for title, designs in (("trials", BY_TRIALS), ("participants", BY_PARTICIPANTS)):
        rows = []
        for turn in (0, 1):  # the first compiles
            for participants, smilers in designs:
                study = folder / f"{participants}x{smilers}.csv"
                if not study.exists():
                    size = ("--participants", str(participants), "--smilers", str(smilers))
                    timed([args.new, "simulate", *size, "--out", study])
                one = evaluated(args.new, study, (*shlex.split(args.options), *COST_OPTIONS), folder)
                if turn:
                    trials = participants * smilers * 2
                    each = round(1000 * one.cpu_s / one.trainings / trials, 2)
                    row = {"participants": participants, "trials": trials, **row_of(one)}
                    rows.append({**row, "processor ms a training and trial": each})
        print(f"\ncost against {title} ({' '.join(COST_OPTIONS)})")
        print(pd.DataFrame(rows).to_string(index=False), flush=True)


def main(args: Arguments) -> None:
    """Compare, or the table of costs."""
    with tempfile.TemporaryDirectory() as folder:
        (cost if args.cost else compare)(args, Path(folder))


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
