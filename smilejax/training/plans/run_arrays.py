"""Results of a plan as they come in, on the host."""

from typing import cast

import numpy as np
import numpy.typing as npt

from smilejax._util.nested import flattened, nested
from smilejax.models.network import Variables
from smilejax.training import RunResult, Scores

RunArrays = dict[str, np.ndarray]
"""Arrays by name, each with a leading axis of runs: what a part of a plan is on disk."""

CURVES = ("loss_sum", "correct", "count")


def run_arrays_of(result: RunResult) -> RunArrays:
    """A result as named arrays, fetched from the devices."""
    columns: RunArrays = {"logits": np.asarray(result.logits), "status": np.asarray(result.status)}
    for group, scores in (("train", result.train), ("validation", result.validation)):
        columns |= {f"{group}/{name}": np.asarray(getattr(scores, name)) for name in CURVES}
    if result.variables is not None:
        columns |= {f"variables/{name}": np.asarray(leaf) for name, leaf in flattened(dict(result.variables)).items()}
    return columns


def result_of(columns: RunArrays) -> RunResult:
    """The result that named arrays are."""
    training, validation = (
        Scores(**{name: columns[f"{group}/{name}"] for name in CURVES}) for group in ("train", "validation")
    )
    leaves = {name.removeprefix("variables/"): a for name, a in columns.items() if name.startswith("variables/")}
    return RunResult(
        training, validation, columns["logits"], columns["status"], cast(Variables, nested(leaves)) if leaves else None
    )


class Gathered:
    """Arrays of R runs, filled in as parts come. Curves of runs with fewer epochs end in counts of 0.

    Parameters of several programs differ in shape: with those a plan has one program.
    """

    def __init__(self, runs: int, epochs: int) -> None:
        self.runs, self.epochs = runs, epochs
        self.columns: RunArrays = {}
        self.done = np.zeros(runs, bool)

    def put(self, rows: npt.NDArray[np.int64], part: RunArrays) -> None:
        """Take in what runs gave."""
        for name, values in part.items():
            curve = name.startswith(("train/", "validation/"))
            shape = (self.epochs,) if curve else values.shape[1:]
            if name not in self.columns:
                self.columns[name] = np.zeros((self.runs, *shape), values.dtype)
            whole = self.columns[name]
            if curve:
                whole[rows, : values.shape[1]] = values
            else:
                whole[rows] = values
        self.done[rows] = True
