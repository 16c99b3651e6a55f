"""What users see: tables on standard output, progress on standard error."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from smilejax.statistics import split_score
from smilejax.trials import Trials


class _Console(Console):
    """A console whose reader may go away, as in `smilejax check data | head`: that is no error of ours."""

    def on_broken_pipe(self) -> None:
        """Stop printing, and end well."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_out = _Console(highlight=False, soft_wrap=False)
_err = Console(stderr=True, highlight=False)


def _table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="", show_edge=False, pad_edge=False
    )
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _print(table: Table) -> None:
    _out.print(table)
    _out.print()


def findings(trials: Trials) -> None:
    """What the reader understood, and how it knew."""
    table = _table(f"{escape(trials.source.name)}, read as {trials.source.layout}", "what", "understood as", "how")
    for found in trials.source.findings:
        table.add_row(escape(found.what), escape(found.value), found.how)
    _print(table)


def findings_as_json(trials: Trials) -> dict[str, Any]:
    """The same, to be kept with a model."""
    found = [{"what": f.what, "value": f.value, "how": f.how} for f in trials.source.findings]
    return {"name": trials.source.name, "layout": trials.source.layout, "findings": found}


def summary(trials: Trials) -> None:
    """Trials, participants, lengths and missing share by class."""
    inside = trials.inside()
    measured = trials.measured()
    numbers = ("trials", "people", "length in ms", "left gone", "right gone", "both gone", f"median {trials.unit}")
    table = _table("Recordings (gone: share of samples missing)", "class", *numbers, right=numbers)
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
    _print(table)
    present = set(trials.label.tolist()) - {-1}
    if len(present) < 2:
        _out.print("Training needs trials of both classes; these recordings can be predicted, not trained on.\n")


def kept(trials: Trials, dataset: Any) -> None:
    """How many trials the recipe kept, by class: a difference between classes can make a classifier on its own."""
    from smilejax.dataset import Verdict

    verdict = np.asarray(dataset.verdict)
    reasons = [v for v in Verdict if v == Verdict.KEPT or (verdict == v).any()]
    table = _table("Trials after preprocessing", "class", *(v.words for v in reasons), right=[v.words for v in reasons])
    for label, name in enumerate(trials.class_names):
        of_class = verdict[trials.label == label]
        table.add_row(escape(name), *(str((of_class == v).sum()) for v in reasons))
    _print(table)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner while something runs; nothing where standard error is no terminal."""
    with _err.status(what):
        yield


@contextmanager
def epochs(total: int) -> Iterator[Callable[[Any], None]]:
    """A bar over training epochs. Yields the reporter to hand to `train`."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("compiling", total=total)

        def reporter(now: Any) -> None:
            seen = "" if np.isnan(now.validation_accuracy) else f", held out {now.validation_accuracy:.0%}"
            words = f"training: loss {now.train_loss:.3f}, right {now.train_accuracy:.0%}{seen}"
            progress.update(task, completed=now.epoch, description=words)

        yield reporter


def training(result: Any, trials: Trials, dataset: Any, held: np.ndarray) -> None:
    """Loss and accuracy at the end, with the doubt of a single split."""
    numbers = ("number", "people", "loss", "accuracy")
    table = _table("After training", "trials", *numbers, "95 % interval", right=numbers)
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
    _print(table)
    if held.any():
        _out.print(_DOUBT)


_DOUBT = (
    "One split, one seed. The interval takes trials as independent, which those of one person or of one stimulus are not: "
    "the true doubt is larger. Held-out participants may have watched stimuli that the model was trained on.\n"
)


def _interval(correct: int, count: int) -> str:
    score = split_score(correct, count)
    return f"{score.low:.1%} to {score.high:.1%}"


def predictions(table: pd.DataFrame, notes: Sequence[str]) -> None:
    """What was answered, in short; the table on disk has all."""
    for note in notes:
        _out.print(f"Note: {escape(note)}.")
    answered = table["label"].notna()
    counts = table.loc[answered, "label"].value_counts()
    words = ", ".join(f"{escape(str(name))} {count}" for name, count in counts.items())
    _out.print(f"{len(table)} trials: {words or 'none answered'}.")
    doubtful = table.loc[table["verdict"] != "kept", "verdict"].value_counts()
    for verdict, count in doubtful.items():
        _out.print(f"{count} with {verdict}: see the column verdict before you use these answers.")
    _out.print()


def study(trials: Trials, effect_mm: float) -> None:
    """What the demo simulated."""
    people, smilers = len(set(trials.participant)), len(set(trials.smiler or ()))
    missing = 1 - trials.measured().any(-1).sum() / trials.inside().sum()
    _out.print(
        f"A simulated study: {people} participants watch {smilers} people smile, once genuinely and once posed. "
        f"{len(trials)} trials of {trials.duration_ms / 1000:g} s at {trials.rate_hz:g} Hz, {missing:.0%} of it missing. "
        f"A genuine smile dilates the pupil by {effect_mm:g} mm more.\n"
    )


def demo_scores(table: pd.DataFrame, held_out: Trials, new_smiler: np.ndarray) -> None:
    """Held-out accuracy, for known and for new smiles apart."""
    truth = np.array([held_out.class_names[label] for label in held_out.label])
    answered = table["label"].notna().to_numpy() & (table["verdict"] == "kept").to_numpy()
    right = (table["label"].to_numpy() == truth) & answered
    numbers = ("trials", "right", "accuracy")
    title = "Predictions for participants the model has never seen"
    out = _table(title, "smilers", *numbers, "95 % interval", right=numbers)
    for name, rows in (("seen in training", ~new_smiler), ("never seen", new_smiler)):
        n, k = int((rows & answered).sum()), int((rows & right).sum())
        score = split_score(k, n)
        out.add_row(name, str(n), str(k), f"{score.accuracy:.1%}", _interval(k, n))
    _print(out)
    _out.print(_DOUBT)


def _short(path: Path) -> Path:
    """A path as seen from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def wrote(paths: Sequence[Path]) -> None:
    """Where things are now."""
    for path in paths:
        _out.print(f"wrote {_short(path)}", markup=False, soft_wrap=True)
    _out.print()


def next_steps(model: Path, recording: Path) -> None:
    """Commands to go on with."""
    _out.print("Go on with your own recordings, or with these:", markup=False)
    model, recording = _short(model), _short(recording)
    for command in (f"smilejax check {recording}", f"smilejax predict {model} {recording} --out answers.csv"):
        _out.print(f"  {command}", markup=False, soft_wrap=True)
