"""What is printed of a multiverse: the finding under all recipes, what each choice does, and the recipes at the ends."""

import math
from collections.abc import Iterable, Iterator

from smilejax._util.number_text import number, several, span, unit_words
from smilejax.cli import terminal
from smilejax.evaluation.multiverse import Multiverse, Overall, marginals, overall, sentences
from smilejax.evaluation.multiverse.multiverse_tables import definition, in_words
from smilejax.evaluation.multiverse.recipe_grid import SettingValue
from smilejax.recordings.trials import Trials


def print_multiverse(trials: Trials, found: Multiverse) -> None:
    """What all recipes say together, what each choice does, and the recipes at the ends."""
    all_ = overall(found)
    low, high = found.window_ms
    first, second = found.class_names
    terminal.out.print(
        f"{trials.source.name}: {second} minus {first}, mean of {low:g} to {high:g} ms, over {found.by}, under "
        f"{several(all_.recipes, 'recipe')}.\n"
    )
    terminal.out.print(f"{sentences(found)} {definition(found)}\n")
    _marginals(found)
    _ends(found)
    for sentence in _about(found, all_):
        terminal.out.print(sentence + "\n")


def _marginals(found: Multiverse) -> None:
    heads = ("recipes", f"difference, {unit_words(found.unit, short=True)}", "balanced accuracy", "kept")
    table = terminal.table("Each choice: mean (and range) over the recipes with it", "choice", *heads, right=heads)
    named = ""
    for part in marginals(found):
        if part.setting != named:
            table.add_row(part.setting)
            named = part.setting
        table.add_row(
            f"  {in_words(part.value)}",
            str(part.recipes),
            _mean_range(part.difference, ".3f"),
            _mean_range(part.balanced_accuracy, ".0%"),
            number(part.kept, ".1f"),
        )
    terminal.printed(table)


def _ends(found: Multiverse) -> None:
    """The base recipe, and those with the least and the greatest difference."""
    window, score, kept = found.results.contrast.window, found.results.score, found.results.kept
    rows = [row for row in found.grid.combinations if math.isfinite(window.difference[row])]
    columns = {"base\nrecipe": found.grid.base}
    if rows:
        columns["least\ndifference"] = min(rows, key=lambda row: window.difference[row])
        columns["greatest\ndifference"] = max(rows, key=lambda row: window.difference[row])
    table = terminal.table(
        "The base recipe, and those with the least and the greatest difference", "", *columns, right=tuple(columns)
    )
    for at, name in enumerate(found.grid.vary):
        table.add_row(name, *(in_words(found.grid.choices[row][at]) for row in columns.values()))
    table.add_section()
    for name, value, low, high, form in (
        (f"difference, {unit_words(found.unit, short=True)}", window.difference, window.low, window.high, ".3f"),
        (
            "balanced accuracy",
            score.balanced_accuracy,
            score.balanced_accuracy_low,
            score.balanced_accuracy_high,
            ".0%",
        ),
    ):
        table.add_row(name, *(number(value[row], form) for row in columns.values()))
        table.add_row("  95% interval", *(span(low[row], high[row], form) for row in columns.values()))
    for k, name in enumerate(found.class_names):
        table.add_row(f"kept {name}", *(str(kept[row, k]) for row in columns.values()))
    terminal.printed(table)


def _about(found: Multiverse, all_: Overall) -> Iterator[str]:
    """What was run, what was not, and what none of it allows."""
    if found.grid.apart:
        yield "The base recipe is not among these combinations; it was run as well, and enters no mean."
    if found.grid.dropped:
        chosen, why = found.grid.dropped[0]
        yield (
            f"{several(len(found.grid.dropped), 'combination')} not possible; the first, "
            f"{_choices(found.grid.vary, chosen)}: {why}"
        )
    if all_.distinct < all_.recipes:
        yield f"{all_.recipes - all_.distinct} of the {all_.recipes} recipes give exactly the same traces as another one."
    yield (
        f"{several(len(found.grid), 'recipe')} ran through {several(found.programs, 'compiled program')}: "
        f"{found.compile_s:.1f} s compiling, {found.run_s:.1f} s running."
    )
    yield (
        "Report the range. To report only the recipe with the best value would be selection: an interval holds for a recipe "
        "that was chosen beforehand."
    )


def _choices(names: Iterable[str], chosen: Iterable[SettingValue]) -> str:
    return ", ".join(f"{name} {in_words(value)}" for name, value in zip(names, chosen, strict=True))


def _mean_range(values: tuple[float, float, float], form: str) -> str:
    mean, low, high = values
    return f"{number(mean, form)} ({span(low, high, form)})" if math.isfinite(mean) else "-"
