"""What users see of recordings, of a training and of predictions. What they see of cleaning: `show_cleaning`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.markup import escape

from smilejax.cli import terminal
from smilejax.evaluation.statistics import ALPHA, participants_differ, split_score
from smilejax.recordings.trials import Trials


def findings(trials: Trials) -> None:
    """What the reader understood, and how it knew."""
    table = terminal.table(
        f"{escape(trials.source.name)}, read as {trials.source.layout}", "what", "understood as", "how"
    )
    for found in trials.source.findings:
        table.add_row(escape(found.what), escape(found.value), found.how)
    terminal.printed(table)


def summary(trials: Trials) -> None:
    """Trials, participants, lengths and missing share by class."""
    inside = trials.inside()
    measured = trials.measured()
    numbers = ("trials", "people", "length in ms", "left gone", "right gone", "both gone", f"median {trials.unit}")
    table = terminal.table("Recordings (gone: share of samples missing)", "class", *numbers, right=numbers)
    for label, name in zip((0, 1, -1), (*trials.class_names, "no label"), strict=True):
        rows = trials.label == label
        if not rows.any():
            continue
        n = inside[rows].sum()
        share = [1 - measured[rows][..., eye].sum() / n for eye in (0, 1)] + [1 - measured[rows].any(-1).sum() / n]
        times = trials.length[rows] * 1000 / trials.rate_hz
        length = f"{times.min():.0f}" if times.min() == times.max() else f"{times.min():.0f} to {times.max():.0f}"
        people = len({trials.participant[i] for i in np.flatnonzero(rows)})
        values = trials.pupil[rows][measured[rows]]
        median = f"{np.median(values):.2f}" if values.size else "-"
        table.add_row(escape(name), str(rows.sum()), str(people), length, *(f"{s:.1%}" for s in share), median)
    terminal.printed(table)
    present = set(trials.label.tolist()) - {-1}
    if len(present) < 2:
        terminal.out.print(
            "Training needs trials of both classes; these recordings can be predicted, not trained on.\n"
        )


def kept(trials: Trials, dataset: Any) -> None:
    """How many trials the recipe kept, by class: a difference between classes can make a classifier on its own."""
    from smilejax.preprocess.trial_status import TrialStatus

    status = np.asarray(dataset.status)
    reasons = [v for v in TrialStatus if v == TrialStatus.KEPT or (status == v).any()]
    table = terminal.table(
        "Trials after preprocessing", "class", *(v.words for v in reasons), right=[v.words for v in reasons]
    )
    for label, name in zip((0, 1, -1), (*trials.class_names, "no label"), strict=True):
        of_class = status[trials.label == label]
        if label == -1 and not len(of_class):
            continue
        table.add_row(escape(name), *(str((of_class == v).sum()) for v in reasons))
    terminal.printed(table)


@contextmanager
def epochs(total: int) -> Iterator[Callable[[Any], None]]:
    """A bar over training epochs. Yields the reporter to hand to `train`."""
    with terminal.bar() as progress:
        task = progress.add_task("compiling", total=total)

        def reporter(now: Any) -> None:
            seen = "" if np.isnan(now.validation_accuracy) else f", held out {now.validation_accuracy:.0%}"
            words = f"training: loss {now.train_loss:.3f}, right {now.train_accuracy:.0%}{seen}"
            progress.update(task, completed=now.epoch, description=words)

        yield reporter


def training(result: Any, trials: Trials, dataset: Any, held: np.ndarray) -> None:
    """Loss and accuracy at the end, with the doubt of a single split."""
    numbers = ("number", "people", "loss", "accuracy")
    table = terminal.table("After training", "trials", *numbers, "95 % interval", right=numbers)
    usable = dataset.kept & (trials.label >= 0)
    for name, scores, mask in (
        ("trained on", result.train, ~held & usable),
        ("held out", result.validation, held & usable),
    ):
        count = int(scores.count[-1])
        if count == 0:
            continue
        people = str(len({trials.participant[i] for i in np.flatnonzero(mask)}))
        accuracy = f"{scores.accuracy[-1]:.1%}"
        interval = _interval(int(scores.correct[-1]), count) if name == "held out" else ""
        table.add_row(name, str(count), people, f"{scores.loss[-1]:.4g}", accuracy, interval)
    terminal.printed(table)
    if held.any():
        terminal.out.print(_doubt(result, trials, held & usable))


def _doubt(result: Any, trials: Trials, held: np.ndarray) -> str:
    """What the interval of a single split leaves out, and whether people show it."""
    hits = np.asarray(result.logits).argmax(-1) == trials.label
    people = np.unique(np.array(trials.participant, dtype=str)[held], return_inverse=True)[1]
    found = participants_differ(hits[held], people)
    words = (
        f"The {found.people} people do differ, more than chance would have it (p = {found.p:.2g})."
        if found.p <= ALPHA
        else f"That the {found.people} people differ does not show (p = {found.p:.2g}), which with few of them says little."
    )
    return (
        "One split, one seed. The interval takes trials as independent, which those of one person or of one stimulus are not: "
        f"the true doubt is larger.{'' if np.isnan(found.sd) else ' ' + words} Held-out participants may have watched stimuli "
        "that the model was trained on.\n"
    )


def _interval(correct: int, count: int) -> str:
    score = split_score(correct, count)
    return f"{score.low:.1%} to {score.high:.1%}"


def predictions(table: pd.DataFrame, notes: Sequence[str]) -> None:
    """What was answered, in short; the table on disk has all."""
    for note in notes:
        terminal.out.print(f"Note: {escape(note)}.")
    answered = table["label"].notna()
    counts = table.loc[answered, "label"].value_counts()
    words = ", ".join(f"{escape(str(name))} {count}" for name, count in counts.items())
    terminal.out.print(f"{len(table)} trials: {words or 'none answered'}.")
    doubtful = table.loc[table["status"] != "kept", "status"].value_counts()
    for status, count in doubtful.items():
        terminal.out.print(f"{count} with {status}: see the column status before you use these answers.")
    terminal.out.print()


def study(trials: Trials, effect_mm: float) -> None:
    """What the demo simulated."""
    people, smilers = len(set(trials.participant)), len(set(trials.smiler or ()))
    missing = 1 - trials.measured().any(-1).sum() / trials.inside().sum()
    terminal.out.print(
        f"A simulated study: {people} participants watch {smilers} people smile, once genuinely and once posed. "
        f"{len(trials)} trials of {trials.duration_ms / 1000:g} s at {trials.rate_hz:g} Hz, {missing:.0%} of it missing. "
        f"A genuine smile dilates the pupil by {effect_mm:g} mm more.\n"
    )


def demo_scores(table: pd.DataFrame, new: Trials) -> None:
    """How the model of the study answered for people and smilers that it has never seen."""
    truth = np.array([new.class_names[label] for label in new.label])
    answered = table["label"].notna().to_numpy() & (table["status"] == "kept").to_numpy()
    right, count = int(((table["label"].to_numpy() == truth) & answered).sum()), int(answered.sum())
    if count:
        terminal.out.print(
            f"The study's model, asked about a new recording of {len(set(new.participant))} other people who watch "
            f"{len(set(new.smiler or ()))} other smilers: {right} of {count} right ({right / count:.1%}).\n",
            markup=False,
        )


def _short(path: Path) -> Path:
    """A path as seen from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def wrote(paths: Sequence[Path]) -> None:
    """Where things are now."""
    for path in paths:
        terminal.out.print(f"wrote {_short(path)}", markup=False, soft_wrap=True)
    if paths:
        terminal.out.print()


def next_steps(study: Path, recording: Path, new: Path) -> None:
    """Commands to go on with."""
    terminal.out.print("Go on with your own recordings, or with these:", markup=False)
    study, recording, new = _short(study), _short(recording), _short(new)
    for command in (
        f"smilejax check {recording}",
        f"smilejax evaluate {recording} --out my-study",
        f"smilejax predict {study}/model {new} --out answers.csv",
    ):
        terminal.out.print(f"  {command}", markup=False, soft_wrap=True)
