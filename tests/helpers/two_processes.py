"""What one of two processes does with a plan that they share; `test_shared_plans.py` starts both and reads what they wrote.

python two_processes.py PORT PROCESS FOLDER
"""

import json
import sys
from pathlib import Path

import jax
import numpy as np
from helpers.small_study import SMALL, make_dataset

from smilejax._util.errors import SmilejaxError
from smilejax.splits import by_participant, hold_out_trials
from smilejax.training.plans import Plan, train_runs


def many() -> Plan:
    """Eight runs."""
    return Plan(by_participant(make_dataset()), SMALL, seeds=(0, 1))


def one() -> Plan:
    """A single run."""
    return Plan(hold_out_trials(make_dataset(), 0.5, key=jax.random.key(0)), SMALL)


def _tried(place: Path, name: str, plan: Plan, **more) -> None:
    """Train, and keep what came of it: the result, or what was raised."""
    seen: list[int] = []
    outcome: dict = {"progress": seen}
    try:
        result = train_runs(make_dataset(), plan, progress=more.pop("progress", seen.append), **more)
        np.savez(place / f"{name}.npz", logits=result.logits, loss=result.train.loss, status=result.status)
    except (SmilejaxError, ZeroDivisionError) as error:
        outcome |= {"kind": type(error).__name__, "message": str(error)}
    (place / f"{name}.json").write_text(json.dumps(outcome))


def main(port: str, process: int, folder: Path) -> None:
    jax.config.update("jax_num_cpu_devices", 1)
    jax.distributed.initialize(f"127.0.0.1:{port}", 2, process)
    place = folder / f"of-{process}"
    _tried(place, "one", one(), folder=folder / "one")
    _tried(place, "resumed", many(), folder=folder / "cut", resume=True)
    _tried(place, "apart", many(), folder=folder / f"apart-{process}", resume=True)
    _tried(place, "refused", many(), folder=folder / "whole")
    memory = {"memory_bytes": 1000} if process else {}
    _tried(place, "no-memory", many(), folder=folder / "no-memory", **memory)
    broken = {"progress": lambda done: 1 // (4 - done)} if process else {}
    _tried(place, "broken", many(), folder=folder / "broken", **broken)
    others = Plan(by_participant(make_dataset()), SMALL, seeds=(0, 1 + process))
    _tried(place, "unlike", others, folder=folder / "unlike")
    _tried(place, "resumed-after", many(), folder=folder / "broken", resume=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
