"""What `train-many` prints: the plan before, the scores after."""

from typing import Any

import pandas as pd

from smilejax.cli import terminal


def plan(plan: Any) -> None:
    """What is about to be trained."""
    folds = plan.folds
    parts = [f"{len(folds)} folds", f"{len(plan.seeds)} seeds"]
    parts += [f"{len(values)} of {name}" for name, values in plan.vary.items()]
    if plan.relabelled is not None:
        parts.append(f"the true labels and {len(plan.relabelled)} relabellings ({plan.relabelled.scheme})")
    programs = "one program" if len(plan.groups) == 1 else f"{len(plan.groups)} programs"
    terminal.out.print(f"{len(plan)} runs: {' x '.join(parts)}; {programs}. Split by {folds.scheme}.", markup=False)
    if folds.leaky:
        terminal.out.print(f"The split leaks: {folds.why_leaky}.", markup=False)
    if plan.relabelled is not None:
        r = plan.relabelled
        terminal.out.print(
            f"Labels are permuted by {r.scheme}: {r.why}. The smallest p that these can give is {r.smallest_p:.3g}.",
            markup=False,
        )
    terminal.out.print()


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
        + (" and relabellings" if plan.relabelled is not None else "")
        + ". sd and range are what the seed does, and no interval for other people.\n"
    )


def _percent(share: float) -> str:
    return "-" if pd.isna(share) else f"{share:.1%}"


def _range(low: float, high: float) -> str:
    return "-" if pd.isna(low) else f"{low:.0%} to {high:.0%}"
