"""What users see of cleaning: a recipe in words, what recordings are worth, and how far a finding moves with the choices."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.markup import escape

from smilejax.cli import terminal
from smilejax.preprocess.recipe import Recipe, RecipeName
from smilejax.preprocess.recipe_in_words import steps
from smilejax.recordings.trials import UNLABELLED, Trials

if TYPE_CHECKING:
    from smilejax.evaluation.multiverse import Multiverse


def recipe(trials: Trials, base: RecipeName, chosen: Recipe) -> None:
    """What was read, in a sentence, and what is done to it, step by step."""
    people = len(set(trials.participant))
    terminal.out.print(
        f"{escape(trials.source.name)}: {len(trials)} trials of {_number(people, 'participant')} at {trials.rate_hz:g} Hz, "
        f"in {trials.unit}. (`smilejax check` says how it was read.)\n"
    )
    if np.all(trials.label == UNLABELLED):
        held = next((found.value for found in trials.source.findings if found.what == "labels"), "none in the file")
        terminal.out.print(f"No trial has a class. Labels: {escape(held)}.\n")
    title = f"Recipe {base}" + ("" if chosen == Recipe.named(base) else ", with other settings")
    table = terminal.table(title, "step", "what is done (whose it is)")
    for step in steps(chosen, trials.rate_hz, in_mm=trials.unit == "mm"):
        table.add_row(step.name, step.does + (f" ({step.source})" if step.source else ""))
    terminal.printed(table)


def quality(trials: Trials, by_trial: pd.DataFrame) -> None:
    """What the recordings are worth, by participant and by class."""
    from smilejax.preprocess.quality_tables import class_quality, participant_quality

    _quality(trials, participant_quality(by_trial), "participant")
    if by_trial["class"].notna().any():
        _quality(trials, class_quality(by_trial), "class")


def _quality(trials: Trials, rows: pd.DataFrame, by: str) -> None:
    unit = trials.unit
    if by == "class" or np.any(trials.label == UNLABELLED):
        kept, counted = "kept", [("kept", "trials")]
    else:
        kept = "kept\n" + ",\n".join(map(escape, trials.class_names))
        counted = [(f"kept_{name}", f"trials_{name}") for name in trials.class_names]
    # Broken by hand, so that eight columns stand side by side in 80 characters.
    numbers = (kept, "valid", "blinks\n/min", "longest\ngap, ms", "eyes'\nr", "noise", "baseline")
    title = f"By {by}, in {unit} (valid: before filling; noise: of the noisier eye)"
    table = terminal.table(title, by, *numbers, right=numbers)
    small, large = (".3f", ".2f") if unit == "mm" else (".3g", ".4g")
    for _, row in rows.iterrows():
        table.add_row(
            escape(str(row[by])),
            ", ".join(f"{row[n]}/{row[of]}" for n, of in counted),
            _cell(row["proportion_valid"], ".1%"),
            _cell(row["blinks_per_minute"], ".1f"),
            _cell(row["longest_gap_ms"], ".0f"),
            _cell(row["eye_correlation"], ".2f"),
            _cell(row[[f"noise_left_{unit}", f"noise_right_{unit}"]].max(), small),
            _cell(row[f"baseline_{unit}"], large),
        )
    terminal.printed(table)


def reasons(trials: Trials, by_trial: pd.DataFrame) -> None:
    """What became of the samples, by class."""
    from smilejax.preprocess.cleaned_tables import reason_table

    rows = reason_table(by_trial)
    names = [name for name in trials.class_names if f"proportion_{name}" in rows]
    heads = [*map(escape, names), "all"]
    table = terminal.table(
        "Samples of the recorded eyes, before gaps are filled", "why they are as they are", *heads, right=heads
    )
    for _, row in rows.iterrows():
        table.add_row(
            row["reason"], *(f"{row[f'proportion_{name}']:.2%}" for name in names), f"{row['proportion']:.2%}"
        )
    terminal.printed(table)


def warnings(trials: Trials, by_trial: pd.DataFrame) -> None:
    """What the classes differ in besides the pupil."""
    from smilejax.evaluation.class_quality import ALPHA, class_warnings

    said = class_warnings(by_trial)
    if not said and {0, 1} <= set(trials.label.tolist()):
        said = [
            f"The classes were not found to differ in what is rejected, missing or blinked (no p below {ALPHA:g}). With few "
            "participants that says little."
        ]
    for sentence in said:
        terminal.out.print(escape(sentence) + "\n")


def trial(trials: Trials, by_trial: pd.DataFrame, row: int) -> None:
    """One trial's quality, a line for each number."""
    one = by_trial.iloc[row]
    names = f"Trial {trials.trial[row]} of participant {trials.participant[row]}"
    table = terminal.table(escape(names), "what", "value", right=("value",))
    for column, value in one.items():
        name = str(column)
        if name in ("participant", "trial") or (name.startswith("proportion_") and value == 0):
            continue
        table.add_row(*_line(name, value, trials.unit))
    terminal.printed(table)


def _line(name: str, value: Any, unit: str) -> tuple[str, str]:
    """A column of `trial_quality` and its value in words."""
    from smilejax.preprocess import Reason

    words = name.replace("_", " ")
    if name.startswith("proportion_valid"):
        return words, _cell(value, ".2%")
    if name.startswith("proportion_"):
        return f"samples: {Reason[name.removeprefix('proportion_').upper()].words}", _cell(value, ".2%")
    for end in (unit, "ms"):
        if name.endswith(f"_{end}"):
            return f"{words.removesuffix(end)}in {end}", _cell(value, ".5g")
    return words, escape(value) if isinstance(value, str) else _cell(value, ".3g")


@contextmanager
def recipes(total: int) -> Iterator[Callable[[int], None]]:
    """A bar over recipes. Yields what is to be called with the number that are done."""
    with terminal.bar() as progress:
        task = progress.add_task("compiling", total=total)
        yield lambda done: progress.update(task, completed=done, description="recipes")


def multiverse(trials: Trials, found: "Multiverse") -> None:
    """What all recipes say together, what each choice does, and the recipes at the ends."""
    from smilejax.evaluation.multiverse import overall, sentences

    all_ = overall(found)
    low, high = found.window_ms
    first, second = found.class_names
    terminal.out.print(
        escape(
            f"{trials.source.name}: {second} minus {first}, mean of {low:g} to {high:g} ms, over {found.by}, under "
            f"{_number(all_.recipes, 'recipe')}.\n"
        )
    )
    terminal.out.print(escape(sentences(found)) + "\n")
    _marginals(found)
    _ends(found)
    for sentence in _about(found, all_):
        terminal.out.print(escape(sentence) + "\n")


def _marginals(found: "Multiverse") -> None:
    from smilejax.evaluation.multiverse import marginals
    from smilejax.evaluation.multiverse.multiverse_tables import in_words

    heads = ("recipes", f"difference, {_unit(found)}", "balanced accuracy", "kept")
    table = terminal.table(
        "What each choice does: mean (and range) of the recipes with it", "choice", *heads, right=heads
    )
    named = ""
    for part in marginals(found):
        if part.setting != named:
            table.add_row(part.setting)
            named = part.setting
        table.add_row(
            f"  {in_words(part.value)}",
            str(part.recipes),
            _mean_range(part.difference, ".3f"),
            _mean_range(part.score, ".0%"),
            _cell(part.kept, ".1f"),
        )
    terminal.printed(table)


def _ends(found: "Multiverse") -> None:
    """The base recipe beside those with the least and the greatest difference."""
    from smilejax.evaluation.multiverse.multiverse_tables import in_words

    window, score, kept = found.results.contrast.window, found.results.score, found.results.kept
    rows = [row for row in found.grid.combinations if math.isfinite(window.difference[row])]
    columns = {"base recipe": found.grid.base}
    if rows:
        columns["least difference"] = min(rows, key=lambda row: window.difference[row])
        columns["greatest difference"] = max(rows, key=lambda row: window.difference[row])
    table = terminal.table("The base recipe, and those at the ends", "", *columns, right=tuple(columns))
    for at, name in enumerate(found.grid.vary):
        table.add_row(name, *(in_words(found.grid.choices[row][at]) for row in columns.values()))
    table.add_section()
    for name, value, low, high, form in (
        (f"difference, {_unit(found)}", window.difference, window.low, window.high, ".3f"),
        ("balanced accuracy", score.accuracy, score.accuracy_low, score.accuracy_high, ".0%"),
    ):
        table.add_row(name, *(_cell(value[row], form) for row in columns.values()))
        table.add_row("  95 % interval", *(_from_to(low[row], high[row], form) for row in columns.values()))
    for k, name in enumerate(found.class_names):
        table.add_row(f"kept {escape(name)}", *(str(kept[row, k]) for row in columns.values()))
    terminal.printed(table)


def _about(found: "Multiverse", all_: Any) -> Iterator[str]:
    """What was run, what was not, and what none of it allows."""
    if found.grid.apart:
        yield "The base recipe is no combination of these choices; it was run, and enters no average."
    if found.grid.dropped:
        chosen, why = found.grid.dropped[0]
        yield (
            f"{_number(len(found.grid.dropped), 'combination')} cannot be and were left out; the first, "
            f"{_choices(found.grid.vary, chosen)}: {why}"
        )
    if all_.distinct < all_.recipes:
        yield f"{all_.recipes - all_.distinct} of the {all_.recipes} recipes give the very same traces as another one."
    yield (
        f"{_number(len(found.grid), 'recipe')} ran through {_number(found.programs, 'compiled program')}: "
        f"{found.compile_s:.1f} s compiling, {found.run_s:.1f} s running."
    )
    yield (
        "To pick the recipe with the best value and report that is selection: its interval holds for a recipe that was chosen "
        "beforehand. Report the range."
    )


def _choices(names: Sequence[str] | Any, chosen: Sequence[Any]) -> str:
    from smilejax.evaluation.multiverse.multiverse_tables import in_words

    return ", ".join(f"{name} {in_words(value)}" for name, value in zip(names, chosen, strict=True))


def _unit(found: "Multiverse") -> str:
    return {"percent": "% of baseline", "sd": "SD of baseline"}.get(found.unit, found.unit)


def _mean_range(values: tuple[float, float, float], form: str) -> str:
    mean, low, high = values
    return f"{_cell(mean, form)} ({_from_to(low, high, form)})" if math.isfinite(mean) else "-"


def _from_to(low: float, high: float, form: str) -> str:
    return f"{low:{form}} to {high:{form}}" if math.isfinite(low) else "-"


def _cell(value: Any, form: str) -> str:
    """A number for a table; a dash where there is none."""
    return "-" if pd.isna(value) else f"{value:{form}}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
