"""What `train-many` prints: the plan before, how far it is, the scores after."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd

from smilejax.cli import terminal


def plan(plan: Any) -> None:
    """What is about to be trained."""
    folds = plan.folds
    parts = [f"{len(folds)} folds", f"{len(plan.seeds)} seeds"]
    parts += [f"{len(values)} of {name}" for name, values in plan.vary.items()]
    if plan.permuted is not None:
        parts.append(f"the true labels and {len(plan.permuted)} permutations")
    programs = "one program" if len(plan.groups) == 1 else f"{len(plan.groups)} programs"
    terminal.out.print(f"{len(plan)} runs: {' x '.join(parts)}; {programs}. Split by {folds.scheme}.", markup=False)
    if folds.leaky:
        terminal.out.print(f"The split leaks: {folds.why_leaky}.", markup=False)
    if plan.permuted is not None:
        from smilejax.splits.permutations import where_permuted  # and with it jax, which every command would wait for

        r = plan.permuted
        terminal.out.print(
            f"Labels are permuted {where_permuted(r.scheme, r.within_folds)}: {r.why}. The smallest p that these can give is "
            f"{r.smallest_attainable_p:.3g}.",
            markup=False,
        )
    terminal.out.print()


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """How far a plan of so many runs is, with runs per second: a bar, or lines where standard error is no terminal.

    Yields what is to be called with the number of runs that have ended, first with those that had before. Of a plan that
    processes share, each knows its own part alone, and says so.
    """
    if quiet:
        yield lambda done: None
    elif terminal.err.is_terminal:
        with terminal.bar() as bar:
            task = bar.add_task("compiling", total=total)
            yield _told(total, lambda done, of, words: bar.update(task, completed=done, total=of, description=words))
    else:
        yield _told(total, terminal.in_lines())


def _told(total: int, tell: Callable[[int, int, str], None]) -> Callable[[int], None]:
    """Hands on what has ended, of how many, and in words what that is and how fast it goes."""
    began, before, of, what = 0.0, -1, total, "runs"

    def told(done: int) -> None:
        nonlocal began, before, of, what
        if before < 0:
            began, before = time.perf_counter(), done
            of, what = _own(done, total)
        passed = time.perf_counter() - began
        speed = f", {(done - before) / passed:.3g} a second" if done > before and passed > 0 else ""
        tell(done, of, f"{what}{speed}")

    return told


def _own(done: int, total: int) -> tuple[int, str]:
    """How many runs this process will have heard of at the end, and what they are."""
    import jax
    import numpy as np

    from smilejax.training.plans.processes import share_of

    if jax.process_count() == 1:
        return total, "runs"
    return done + len(share_of(np.arange(total - done))), "runs of this process"


def summary(plan: Any, table: pd.DataFrame) -> None:
    """Held-out accuracy by setting, over seeds."""
    diverged = int(table["diverged"].sum())
    numbers = ("runs", *(("diverged",) if diverged else ()), "accuracy", "sd", "range", "train loss")
    out = terminal.table("Held-out trials, by seeds", *plan.vary, "labels", *numbers, right=(*plan.vary, *numbers))
    for _, row in table.iterrows():
        out.add_row(
            *(f"{row[name]:g}" for name in plan.vary),
            str(row["labels"]),
            str(row["runs"]),
            *((str(row["diverged"]),) if diverged else ()),
            _percent(row["accuracy"]),
            _percent(row["accuracy_sd"]),
            _range(row["accuracy_low"], row["accuracy_high"]),
            "-" if pd.isna(row["train_loss"]) else f"{row['train_loss']:.4g}",
        )
    terminal.printed(out)
    if diverged:
        terminal.out.print(f"{diverged} of {table['runs'].sum()} runs diverged; they are left out of every average.")
    terminal.out.print(
        "Each number is of all folds together, then over seeds"
        + (" and permutations" if plan.permuted is not None else "")
        + ". sd and range are what the seed does"
        + (", of permuted labels what the permutation does too" if plan.permuted is not None else "")
        + ", and no interval for other people.\n"
    )


def _percent(share: float) -> str:
    return "-" if pd.isna(share) else f"{share:.1%}"


def _range(low: float, high: float) -> str:
    return "-" if pd.isna(low) else f"{low:.0%} to {high:.0%}"
