"""Compare the numbers of version 03116ae with those of the present one, bit for bit, on one machine.

    python experiments/compare_versions.py ../venv-03116ae/bin/python .venv/bin/python
    python experiments/compare_versions.py ../smilejax-03116ae . --groups cleaning statistics

Either version is a Python interpreter that has it installed, or a folder with its source (run with this interpreter). Bits
differ between processors and versions of jaxlib: use the same jaxlib for both, and build the native kernel in both. Every
setting is written out in `versions/worker.py`, so that changed defaults do not matter. All groups take about ten minutes.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import tyro
from tyro.conf import Positional

HERE = Path(__file__).resolve().parent
WORKER = HERE / "versions" / "worker.py"
sys.path.insert(0, str(WORKER.parent))

from names import present_name  # noqa: E402

Group = Literal[
    "simulation",
    "cleaning",
    "training",
    "folds",
    "plans",
    "reference classifiers",
    "study arrays",
    "study numbers",
    "multiverse",
    "power",
    "statistics",
]


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    old: Positional[Path]
    """Interpreter with 03116ae installed, or a folder with its source."""
    new: Positional[Path]
    """Interpreter with the present version installed, or a folder with its source."""
    groups: tuple[Group, ...] = ()
    """What to compare; everything if none is given."""
    listed: int = 10
    """Most names listed of arrays that differ or have no counterpart."""


def main(args: Arguments) -> None:
    """Run the worker with both versions and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = (
            arrays_of(version, Path(folder) / f"{name}.npz", args.groups)
            for name, version in (("old", args.old), ("new", args.new))
        )
    table, differing, missing = compared(old, new)
    print(table.to_string(index=False))
    for title, names in (("differ", differing), ("have no counterpart in the new version", missing)):
        if names:
            more = f" and {len(names) - args.listed} more" if len(names) > args.listed else ""
            print(f"\n{len(names)} {title}: {'; '.join(names[: args.listed])}{more}")


def arrays_of(version: Path, out: Path, groups: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Run the worker with one version and read what it wrote."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    interpreter = version.absolute()
    if version.is_dir():
        interpreter, environment["PYTHONPATH"] = Path(sys.executable), str(version.absolute())
    print(f"running {version}", flush=True)
    subprocess.run([interpreter, WORKER, out, *groups], env=environment, cwd=out.parent, check=True)
    with np.load(out) as made:
        return {str(key): made[f"a{at}"] for at, key in enumerate(made["keys"])}


def compared(old: dict[str, np.ndarray], new: dict[str, np.ndarray]) -> tuple[pd.DataFrame, list[str], list[str]]:
    """A row for each group; the names of arrays that differ, and of those that the new version has not."""
    rows: dict[str, dict[str, float | int | str]] = {}
    differing, missing = [], []
    for name, one in old.items():
        row = rows.setdefault(
            name.partition("|")[0],
            {"arrays": 0, "identical": 0, "differ": 0, "no counterpart": 0, "largest difference": 0.0},
        )
        row["arrays"] += 1  # type: ignore[operator]
        other = new.get(present_name(name), new.get(name))
        if other is None:
            row["no counterpart"] += 1  # type: ignore[operator]
            missing.append(name)
            continue
        same = one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        row["identical" if same else "differ"] += 1  # type: ignore[operator]
        if not same:
            differing.append(name)
            row["largest difference"] = max(float(row["largest difference"]), largest(one, other))
    return pd.DataFrame([{"group": group, **row} for group, row in rows.items()]), differing, missing


def largest(one: np.ndarray, other: np.ndarray) -> float:
    """The largest absolute difference; infinite where shapes differ or one has a value that the other has not."""
    if one.shape != other.shape:
        return np.inf
    a, b = one.astype(np.float64), other.astype(np.float64)
    if (np.isnan(a) != np.isnan(b)).any():
        return np.inf
    with np.errstate(invalid="ignore"):
        apart = np.where((a == b) | np.isnan(a), 0.0, np.abs(a - b))
    return float(apart.max(initial=0.0))


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
