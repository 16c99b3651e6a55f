"""Scores of aeon's classifiers: trials and folds are written to a folder, and a worker in aeon's own environment fits."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

import smilejax
from classifier_benchmark.problems import SERIES, Prepared, Problem
from classifier_benchmark.scores import score
from classifier_benchmark.scores_file import Row
from smilejax.evaluation.study.out_of_fold import mean_over_folds

WORKER = Path(__file__).with_name("aeon_worker.py")
AeonName = Literal["QUANT", "MultiRocket-Hydra", "InceptionTime"]
AEON: tuple[AeonName, ...] = get_args(AeonName)
"""From the fastest."""
Job = tuple[Problem, AeonName]


def fetch_series(python: Path, folder: Path) -> None:
    """Let aeon write its data sets into the folder, unless they are there."""
    missing = [name for name in SERIES if not (folder / f"{name}.series.npz").exists()]
    if missing:
        run_worker(python, "series", folder, *missing)


def aeon_rows(python: Path, folder: Path, jobs: list[Job]) -> Iterator[Row]:
    """Rows of the jobs, pairs of problem and classifier, with the default recipe. What the folder holds is not fitted again."""
    if not jobs:
        return
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Prepared] = {}
    for problem, _ in jobs:
        if (stem := stem_of(problem)) not in made:
            made[stem] = problem.prepared("default")
            write_trials(folder / f"{stem}.npz", made[stem])
    (folder / "jobs.txt").write_text("".join(f"{stem_of(problem)}\t{name}\n" for problem, name in jobs))
    run_worker(python, "fit", folder)
    for problem, name in jobs:
        prepared = made[stem_of(problem)]
        p = np.load(folder / f"{stem_of(problem)}.{name}.npy")
        found, _ = score(mean_over_folds(p, prepared.folds.test, 0), prepared.dataset)
        yield Row(problem.kind, problem.name, problem.draw, name, "default", found)


def stem_of(problem: Problem) -> str:
    """The name of its file."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{problem.name} {problem.draw}")


def write_trials(path: Path, prepared: Prepared) -> None:
    """What the worker reads: trials with gaps filled, labels, and the training trials of each fold."""
    x = filled(prepared.dataset)
    np.savez(path, x=x, y=np.asarray(prepared.dataset.y).astype(np.int64), train=prepared.folds.train)


def filled(dataset: smilejax.Dataset) -> npt.NDArray[np.float32]:
    """`f32[N, C, T]`: lines across steps without a value, the nearest value at the ends; 0 where a trial has none."""
    x, valid = np.moveaxis(np.asarray(dataset.x), 2, 1).copy(), np.asarray(dataset.valid)
    steps = np.arange(valid.shape[1])
    for trial, there in zip(x, valid, strict=True):
        for channel in trial:
            channel[:] = np.interp(steps, steps[there], channel[there]) if there.any() else 0.0
    return x


def run_worker(python: Path, *arguments: str | Path) -> None:
    """Run it, and show what it says.

    Raises:
        SystemExit: it failed.
    """
    done = subprocess.run([str(python), str(WORKER), *map(str, arguments)], check=False)
    if done.returncode:
        raise SystemExit(
            f"{python} could not run {WORKER.name} {arguments[0]} (exit status {done.returncode}). It needs aeon, torch and "
            "tensorflow; without --aeon-python these columns are left out."
        )
