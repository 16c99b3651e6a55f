"""What `evaluate` prints: what will be trained before, the verdict after."""

from typing import Any

from rich.markup import escape

from smilejax.cli import terminal
from smilejax.evaluation.study.number_words import percent, points
from smilejax.splits.permutations import where_permuted

NAMES = {
    "participant-and-stimulus": "new people, new stimuli",
    "participant": "new people",
    "stimulus": "new stimuli",
    "shuffled": "shuffled trials",
}


def plan(prepared: Any) -> None:
    """What is about to be trained, and for which verdict."""
    chosen, permuted = prepared.chosen, prepared.permuted
    terminal.out.print(
        f"{prepared.runs} trainings. The verdict will be about {NAMES[chosen.name]}: {len(chosen.folds)} folds by "
        f"{chosen.folds.scheme}, {len(prepared.seeds)} seed{'s' if len(prepared.seeds) > 1 else ''}.",
        markup=False,
    )
    if permuted is None:
        terminal.out.print(f"No test by permutation: {prepared.why_not}", markup=False)
    else:
        terminal.out.print(
            f"Test: {len(permuted)} permutations{_fewer(prepared)}, labels permuted "
            f"{where_permuted(permuted.scheme, permuted.within_folds)}; {permuted.why}. The smallest p that can be reached is "
            f"{permuted.smallest_p:.2g}.",
            markup=False,
        )
        if permuted.smallest_p > prepared.settings.alpha:
            terminal.out.print(
                f"No outcome can be significant at {prepared.settings.alpha:g}: the verdict will be that it cannot be judged.",
                markup=False,
            )
    terminal.out.print()


def _fewer(prepared: Any) -> str:
    asked = prepared.settings.permutations
    if len(prepared.permuted) >= asked:
        return ""
    all_ = len(prepared.permuted) == prepared.permuted.distinct - 1
    return f" ({asked} were asked for; {'no more exist' if all_ else 'no more were found that can be trained on'})"


def verdict(numbers: dict[str, Any]) -> None:
    """The verdict in words, then the tables behind it."""
    words = numbers["verdict"]
    terminal.out.print("Verdict", style="bold")
    terminal.out.print(words["headline"], markup=False)
    terminal.out.print()
    for finding in words["findings"]:
        terminal.out.print(f"- {finding}", markup=False)
    if words["limits"]:
        terminal.out.print()
        terminal.out.print("What this study cannot say", style="bold")
        for limit in words["limits"]:
            terminal.out.print(f"- {limit}", markup=False)
    terminal.out.print()
    _protocols(numbers)
    _controls(numbers)


def _protocols(numbers: dict[str, Any]) -> None:
    columns = ("right", "95% interval" if numbers["level"] == 0.95 else "interval", "AUC", "sd of seeds")
    out = terminal.table("Scored on (balanced accuracy)", "protocol", *columns, right=columns)
    for one in numbers["protocols"]:
        mark = " *" if one["name"] == numbers["verdict_protocol"] else ""
        if not one["available"]:
            out.add_row(NAMES[one["name"]], "-", "-", "-", "-")
            continue
        auc = one["metrics"]["auc"]["mean"]
        out.add_row(
            NAMES[one["name"]] + mark + (" (leaks)" if one["name"] == "shuffled" else ""),
            percent(one["interval"]["estimate"]),
            _interval(one["interval"]),
            "-" if auc is None else f"{auc:.2f}",
            "-" if _sd(one) is None else f"{points(_sd(one))} points",
        )
    terminal.printed(out)


def _controls(numbers: dict[str, Any]) -> None:
    columns = ("right", "interval", "the model's lead", "p alone")
    out = terminal.table("Controls, on the folds of the verdict (*)", "control", *columns, right=columns)
    for one in numbers["controls"]:
        if not one["available"]:
            out.add_row(escape(one["title"]), "-", "-", "-", "-")
            continue
        lead = one["difference"]
        out.add_row(
            escape(one["title"]),
            percent(one["interval"]["estimate"]),
            _interval(one["interval"]),
            "-" if lead["low"] is None else f"{points(lead['low'])} to {points(lead['high'])}",
            f"{one['test']['p']:.2g}" if one["test"] else "-",
        )
    terminal.printed(out)


def _interval(interval: dict[str, Any]) -> str:
    return "-" if interval["low"] is None else f"{percent(interval['low'])} to {percent(interval['high'])}"


def _sd(one: dict[str, Any]) -> float | None:
    found: float | None = one["metrics"]["balanced_accuracy"]["sd"]
    return found
