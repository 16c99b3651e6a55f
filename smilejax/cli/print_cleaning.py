"""What is printed of cleaning: the recipe in words, the quality of the recordings, and what became of their samples."""

from dataclasses import replace

import numpy as np
import pandas as pd

from smilejax._util.number_text import number, several
from smilejax.cli import print_trials, terminal
from smilejax.cli.shared_arguments import option_of_reading
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe, RecipeName
from smilejax.preprocess.recipe_in_words import steps
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED


def recipe(trials: AnyRecording, base: RecipeName, chosen: AnyRecipe) -> None:
    """What was read, in a sentence, and what is done to it, step by step."""
    from smilejax.preprocess.cleaning import settle

    kind = trials.kind
    of = several(len(set(trials.participant)), kind.participant)
    single = isinstance(trials, Faces) and trials.stills
    when = ", single frames" if single else f" at {trials.rate_hz:g} Hz"
    terminal.out.print(
        f"{trials.source.name}: {len(trials)} {kind.trials} of {of}{when}, in {trials.unit}. "
        "(`smilejax check` shows how it was read.)\n"
    )
    if np.all(trials.label == UNLABELLED):
        held = next(
            (found.in_words(option_of_reading) for found in trials.source.findings if found.what == "labels"),
            "none in the file",
        )
        terminal.out.print(f"No {kind.trial} has a class. Labels: {held}.\n")
    settled = settle(chosen, trials)
    usual = Recipe.named(base) if isinstance(chosen, Recipe) else FaceRecipe()
    title = f"Recipe {base}" + ("" if chosen == usual else ", with other settings")
    table = terminal.table(title, "step", "what is done (source)")
    shown: AnyRecipe
    if isinstance(settled, Recipe):
        assert isinstance(chosen, Recipe)
        shown = replace(chosen, baseline_ms=settled.baseline_ms)
    else:
        shown = replace(settled, duration_ms=chosen.duration_ms)
    in_mm = trials.unit == "mm"
    for step in steps(shown, trials.rate_hz, in_mm=in_mm, start_ms=trials.start_ms):
        table.add_row(step.name, step.does + (f" ({step.source})" if step.source else ""))
    terminal.printed(table)
    print_trials.baseline(trials, chosen)


def quality(trials: AnyRecording, by_trial: pd.DataFrame) -> None:
    """The quality of the recordings, by participant and by class."""
    from smilejax.preprocess.quality_tables import class_quality, participant_quality

    shown = _face_quality if isinstance(trials, Faces) else _quality
    shown(trials, participant_quality(by_trial), "participant")
    if by_trial["class"].notna().any():
        shown(trials, class_quality(by_trial), "class")


def _face_quality(faces: AnyRecording, rows: pd.DataFrame, by: str) -> None:
    kept, counted = _kept_columns(faces, by)
    numbers = (kept, "valid", "longest\ngap, ms", "confi-\ndence", "onset,\nms", "amplitude\nof smile")
    who = faces.kind.participant if by == "participant" else by
    title = f"By {who} (valid: frames before filling; onset: from the video's first frame)"
    table = terminal.table(title, who, *numbers, right=numbers)
    for _, row in rows.iterrows():
        table.add_row(
            str(row[by]),
            ", ".join(f"{row[n]}/{row[of]}" for n, of in counted),
            number(row["proportion_valid"], ".1%"),
            number(row["longest_gap_ms"], ".0f"),
            number(row["confidence"], ".2f"),
            number(row["onset_ms"], ".0f"),
            number(row["amplitude"], ".3g"),
        )
    terminal.printed(table)


def _kept_columns(trials: AnyRecording, by: str) -> tuple[str, list[tuple[str, str]]]:
    """The heading of kept trials, and the columns that are counted."""
    if by == "class" or np.any(trials.label == UNLABELLED):
        return "kept", [("kept", "trials")]
    kept = "kept\n" + ",\n".join(trials.class_names)
    return kept, [(f"kept_{name}", f"trials_{name}") for name in trials.class_names]


def _quality(trials: AnyRecording, rows: pd.DataFrame, by: str) -> None:
    unit = trials.unit
    kept, counted = _kept_columns(trials, by)
    # Broken by hand, so that eight columns stand side by side in 80 characters.
    numbers = (kept, "valid", "blinks\n/min", "longest\ngap, ms", "eyes'\nr", "noise", "baseline")
    title = f"By {by}, in {unit} (valid: samples before filling; noise: of the noisier eye)"
    table = terminal.table(title, by, *numbers, right=numbers)
    small, large = (".3f", ".2f") if unit == "mm" else (".3g", ".4g")
    for _, row in rows.iterrows():
        table.add_row(
            str(row[by]),
            ", ".join(f"{row[n]}/{row[of]}" for n, of in counted),
            number(row["proportion_valid"], ".1%"),
            number(row["blinks_per_minute"], ".1f"),
            number(row["longest_gap_ms"], ".0f"),
            number(row["eye_correlation"], ".2f"),
            number(row[[f"noise_left_{unit}", f"noise_right_{unit}"]].max(), small),
            number(row[f"baseline_{unit}"], large),
        )
    terminal.printed(table)


def reasons(trials: AnyRecording, by_trial: pd.DataFrame) -> None:
    """What became of the samples, by class."""
    from smilejax.preprocess.cleaned_tables import reason_table

    rows = reason_table(by_trial)
    names = [name for name in trials.class_names if f"proportion_{name}" in rows]
    heads = [*names, "all"]
    title = "Samples of the recorded eyes, before gaps are filled"
    if isinstance(trials, Faces):
        title = "Values of all measures, before gaps are filled"
    table = terminal.table(title, "status", *heads, right=heads)
    for _, row in rows.iterrows():
        table.add_row(
            row["reason"], *(f"{row[f'proportion_{name}']:.2%}" for name in names), f"{row['proportion']:.2%}"
        )
    terminal.printed(table)


def warnings(trials: AnyRecording, by_trial: pd.DataFrame) -> None:
    """Differences between the classes in data quality."""
    from smilejax.evaluation.class_quality import class_warnings
    from smilejax.evaluation.statistics import ALPHA

    kind = trials.kind
    found = class_warnings(by_trial, kind)
    if not found and {0, 1} <= set(trials.label.tolist()):
        missing = ", missing samples or blinks" if "blinks" in by_trial else f" or missing {kind.sample}s"
        found = [
            f"No difference between the classes was found in rejected {kind.trials}{missing} (no p below {ALPHA:g}); with few "
            f"{kind.participants}, one could be missed."
        ]
    for sentence in found:
        terminal.paragraph(sentence)


def trial(trials: AnyRecording, by_trial: pd.DataFrame, row: int) -> None:
    """One trial's quality, a line for each number."""
    one = by_trial.iloc[row]
    names = (
        f"{trials.kind.trial.capitalize()} {trials.trial[row]} of {trials.kind.participant} {trials.participant[row]}"
    )
    table = terminal.table(names, "what", "value", right=("value",))
    for column, value in one.items():
        name = str(column)
        reason = name.startswith("proportion_") and not name.startswith("proportion_valid")
        if name in ("participant", "trial") or (reason and value == 0):
            continue
        table.add_row(*_line(name, value, trials.unit))
    terminal.printed(table)


def _line(name: str, value: float | str, unit: str) -> tuple[str, str]:
    """A column of `trial_quality` and its value in words."""
    from smilejax.preprocess import Reason

    words = name.replace("_", " ")
    if isinstance(value, str):
        return words, value
    if name.startswith("proportion_valid"):
        return words, number(value, ".2%")
    if name.startswith("proportion_"):
        return f"samples: {Reason[name.removeprefix('proportion_').upper()].words}", number(value, ".2%")
    for end in (unit, "ms"):
        if name.endswith(f"_{end}"):
            return f"{words.removesuffix(end)}in {end}", number(value, ".5g")
    return words, number(value, ".3g")
