"""What is printed of recordings: what was understood, what is in them, and how many trials the recipe kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from smilejax.cli import terminal
from smilejax.cli.shared_arguments import option_of_reading
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.baseline import chosen_window
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.face_measures import face_measure
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials

if TYPE_CHECKING:
    from smilejax.preprocess import Cleaned, Dataset
    from smilejax.preprocess.face_pipeline import CleanedFaces


UNEQUAL = 1.1
"""Trials of which the longest lasts this many times the shortest are remarked."""


def findings(trials: AnyRecording) -> None:
    """What the reader understood, and how it knew."""
    table = terminal.table(f"{trials.source.name}, read as {trials.source.layout}", "what", "understood as", "how")
    for found in trials.source.findings:
        warns = found.how == "warning"
        table.add_row(found.what, found.in_words(option_of_reading), Text(found.how, terminal.WARNING if warns else ""))
    terminal.printed(table)


def warnings(trials: AnyRecording, warned: Sequence[str]) -> None:
    """What should be looked at, as a short list; and that a continuous recording was not cut into trials."""
    for found in trials.source.findings:
        if found.what == "trials" and found.how == "default":
            terminal.paragraph(f"Trials: {found.in_words(option_of_reading)}.")
    for text in warned:
        terminal.out.print(terminal.warning_line(text))
    if warned:
        terminal.out.print()


def print_recording(recording: AnyRecording) -> None:
    """What is in a recording, by class."""
    if isinstance(recording, Faces):
        print_faces(recording)
    else:
        print_trials(recording)


def print_faces(faces: Faces) -> None:
    """Videos, smilers, lengths and missing frames by class; and the range of each measure."""
    numbers = ("videos", "smilers", "length,\nms", "frames\nmissing", "mean\nconfidence")
    title = "Recordings (frames missing: those without a value of some measure)"
    table = terminal.table(title, "class", *numbers, right=numbers)
    whole, inside = np.asarray(faces.measured().all(2)), faces.inside()
    for label, name in zip((0, 1, UNLABELLED), (*faces.class_names, "no label"), strict=True):
        rows = faces.label == label
        if not rows.any():
            continue
        times = faces.length[rows] * 1000 / faces.rate_hz
        length = f"{times.min():.0f}" if times.min() == times.max() else f"{times.min():.0f} to {times.max():.0f}"
        smilers = len({faces.participant[i] for i in np.flatnonzero(rows)})
        known = [] if faces.confidence is None else faces.confidence[rows][inside[rows]]
        sure = f"{np.nanmean(known):.2f}" if np.isfinite(known).any() else "-"
        lost = 1 - whole[rows].sum() / inside[rows].sum()
        shown = "single frames" if faces.stills else length
        table.add_row(name, str(rows.sum()), str(smilers), shown, f"{lost:.1%}", sure)
    terminal.printed(table)
    quantiles = ("1%", "median", "99%")
    table = terminal.table("Measures (of all frames)", "measure", "unit", *quantiles, right=quantiles)
    for at, name in enumerate(faces.channels):
        values = faces.values[:, :, at][faces.measured()[:, :, at]]
        table.add_row(name, face_measure(name).unit, *(f"{q:.3g}" for q in np.quantile(values, (0.01, 0.5, 0.99))))
    terminal.printed(table)
    _one_class(faces)


def print_trials(trials: Trials) -> None:
    """Trials, participants, lengths and missing samples by class."""
    eyes = _recorded_eyes(trials)
    numbers = (
        "trials",
        "partici-\npants",
        "length,\nms",
        *(f"{name}\nmissing" for name in eyes),
        f"median,\n{trials.unit}",
    )
    title = "Recordings (missing: of all samples" + ("; both: in both eyes at once)" if len(eyes) > 1 else ")")
    table = terminal.table(title, "class", *numbers, right=numbers)
    measured, inside = trials.measured(), trials.inside()
    for label, name in zip((0, 1, UNLABELLED), (*trials.class_names, "no label"), strict=True):
        rows = trials.label == label
        if not rows.any():
            continue
        n = inside[rows].sum()
        lost = [1 - measured[rows][..., list(which)].any(-1).sum() / n for which in eyes.values()]
        times = trials.length[rows] * 1000 / trials.rate_hz
        length = f"{times.min():.0f}" if times.min() == times.max() else f"{times.min():.0f} to {times.max():.0f}"
        participants = len({trials.participant[i] for i in np.flatnonzero(rows)})
        values = trials.pupil[rows][measured[rows]]
        median = f"{np.median(values):.2f}" if values.size else "-"
        table.add_row(name, str(rows.sum()), str(participants), length, *(f"{s:.1%}" for s in lost), median)
    terminal.printed(table)
    _one_class(trials)


def _one_class(trials: AnyRecording) -> None:
    """That a network cannot be trained on these recordings, and what to do, where they are not of both classes."""
    if len(set(trials.label.tolist()) - {UNLABELLED}) < 2:
        first, second = trials.class_names
        what = trials.kind.trials
        takes = f"A network cannot be trained on these recordings as they were read: that takes {what} of both classes"
        without = f"Without labels, the {what} can still be cleaned, and a saved model can predict their classes."
        if any(found.what in ("labels", "classes") and found.how == "warning" for found in trials.source.findings):
            terminal.paragraph(f"{takes} (see the warning below). {without}")
            return
        terminal.paragraph(
            f"{takes}, {first} and {second}. If the file names its classes otherwise, give both, the positive one second: "
            "--classes NEGATIVE POSITIVE. If its labels were not found, name their column, --label COLUMN, or give them by "
            f"names, --label-from RULE, or in a table, --join FILE. {without}"
        )


def _recorded_eyes(trials: Trials) -> dict[str, tuple[int, ...]]:
    """The columns of missing samples: each eye that was recorded, and both eyes where there are two."""
    seen = [eye for eye in (0, 1) if trials.measured()[..., eye].any()]
    if len(seen) == 1:
        return {("left", "right")[seen[0]]: (seen[0],)}
    return {"left": (0,), "right": (1,), "both": (0, 1)}


def lengths(trials: AnyRecording) -> None:
    """That trials of different lengths can be cut to one, as those of a video with the rating behind it."""
    times = trials.length * 1000 / trials.rate_hz
    if times.max() > UNEQUAL * times.min():
        terminal.paragraph(
            f"{trials.kind.trials.capitalize()} last from {times.min():.0f} to {times.max():.0f} ms. Where only their first "
            f"part is to be used{trials.kind.first_part}, give it to the other commands: --duration-ms NUMBER."
        )


def baseline(trials: AnyRecording, recipe: AnyRecipe) -> None:
    """Which part of recordings that do not begin at their onset the baseline is of, where the recipe leaves that to them."""
    if isinstance(trials, Faces) or not isinstance(recipe, Recipe):
        return
    if said := chosen_window(recipe, trials):
        terminal.paragraph(f"{said[0].upper()}{said[1:]} (--baseline-ms FROM TO sets another).")


def kept(trials: AnyRecording, dataset: "Dataset | Cleaned | CleanedFaces") -> None:
    """How many trials the recipe kept, by class: a difference between classes can make a classifier on its own."""
    from smilejax.preprocess.trial_status import TrialStatus

    status = np.asarray(dataset.status)
    reasons = [v for v in TrialStatus if v == TrialStatus.KEPT or (status == v).any()]
    heads = [v.words for v in reasons]
    table = terminal.table(f"{trials.kind.trials.capitalize()} after preprocessing", "class", *heads, right=heads)
    for label, name in zip((0, 1, UNLABELLED), (*trials.class_names, "no label"), strict=True):
        of_class = status[trials.label == label]
        if label == UNLABELLED and not len(of_class):
            continue
        table.add_row(name, *(str((of_class == v).sum()) for v in reasons))
    terminal.printed(table)
