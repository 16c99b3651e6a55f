"""`smilejax predict`: a saved model on new recordings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, SettingsError
from smilejax._util.number_text import several
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import Data, MappingFile, reading
from smilejax.settings import ReadSettings

if TYPE_CHECKING:
    import pandas as pd

    from smilejax.recordings.trials import Trials


@dataclass(frozen=True)
class PredictArguments:
    """Predict the class of every trial with a saved model, and write a table with one row per trial."""

    model: Annotated[Path, Arg(positional=True)]
    """Folder of a model that `smilejax train` or `smilejax evaluate` saved."""
    data: Data
    """Files or folders with the recordings; labels are not needed."""
    out: Annotated[Path, Arg(metavar="FILE")]
    """Table to write: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm."""
    overwrite: bool = False
    """Replace an existing table."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Annotated[
        ReadSettings, reading({"classes": "The classes of the model, as the file writes them; they cannot be others."})
    ] = field(default_factory=ReadSettings)


def run(arguments: PredictArguments) -> None:
    """Predict, write the table, and print a summary."""
    from smilejax import readers
    from smilejax.cli import terminal
    from smilejax.cli.outputs import claim_files, print_written

    out = claim_files({"--out": arguments.out}, overwrite=arguments.overwrite, data=arguments.data)["--out"]
    from smilejax.prediction.predictor import load_model

    with terminal.working("loading the model"):
        predictor = load_model(arguments.model)
    settings = _with_classes(arguments.read, predictor.class_names)
    with terminal.working("reading"):
        trials = readers.read(arguments.data, settings, labels="optional")
    notes = predictor.notes(trials)
    with terminal.working("predicting"):
        table = predictor.predict(trials)
    readers.write_table(table, out)
    _print_predictions(table, [*notes, *_label_notes(trials)])
    print_agreement(table, trials)
    print_written([out])


def _with_classes(settings: ReadSettings, names: tuple[str, str]) -> ReadSettings:
    """How to read with the model's classes, which cannot be others."""
    if settings.classes not in (ReadSettings().classes, names):
        raise SettingsError(
            setting="classes",
            rule=f"those of the model, {' and '.join(names)}",
            value=settings.classes,
            hint=f"Leave out {SETTING.classes}.",
        )
    return replace(settings, classes=names)


def _print_predictions(table: "pd.DataFrame", notes: Sequence[str]) -> None:
    """How many trials were predicted as what, and what is doubtful."""
    from smilejax.cli import terminal

    for note in notes:
        terminal.out.print(f"Note: {note}.", markup=False)
    counts = table["predicted"].dropna().value_counts()
    words = ", ".join(f"{number} predicted as {name}" for name, number in counts.items())
    terminal.out.print(f"{several(len(table), 'trial')}: {words or 'none could be predicted'}.", markup=False)
    doubtful = table.loc[table["status"] != "kept"]
    for status, of_status in doubtful.groupby("status", sort=False):
        terminal.out.print(
            _doubt(str(status), len(of_status), predicted=bool(of_status["predicted"].notna().all())), markup=False
        )
    terminal.out.print()


def _doubt(status: str, trials: int, *, predicted: bool) -> str:
    """What is doubtful of trials that the recipe would have rejected."""
    which = f"{several(trials, 'trial')} would have been rejected in training ({status})"
    if not predicted:
        return f"{which} and {'has' if trials == 1 else 'have'} no prediction."
    return f"{which}: {'its prediction is' if trials == 1 else 'their predictions are'} unreliable (column status)."


def _label_notes(trials: "Trials") -> list[str]:
    """That labels of the file are not the model's classes, so that predictions are not compared with them."""
    held = next((found.value for found in trials.source.findings if found.what == "labels"), "")
    unlabelled = int((trials.label < 0).sum())
    if not unlabelled or not held or held == "none in the file":
        return []
    first, second = trials.class_names
    return [
        f"{unlabelled} of {several(len(trials), 'trial')} {'has' if unlabelled == 1 else 'have'} no label that is a class of "
        f"the model, {first} or {second}, and no prediction is compared with it (labels in the file: {held.partition(';')[0]})"
    ]


def print_agreement(table: "pd.DataFrame", trials: "Trials") -> None:
    """How well the predictions agree with labels, where the recordings have them."""
    import numpy as np

    from smilejax.cli import terminal
    from smilejax.evaluation.metrics import measure

    mask = table["predicted"].notna().to_numpy() & (table["status"] == "kept").to_numpy() & (trials.label >= 0)
    if not mask.any():
        return
    positive = (table["predicted"] == trials.class_names[1]).fillna(False).to_numpy(np.float64)
    reached = measure(positive, trials.label, mask)
    scored = int(mask.sum())
    larger = max(float((trials.label[mask] == k).mean()) for k in (0, 1))
    if len(set(trials.label[mask].tolist())) == 1:
        terminal.paragraph(
            f"Of {several(scored, 'labelled trial')} that the recipe keeps, all of one class, {float(reached.accuracy):.1%} "
            "were predicted as that class."
        )
        return
    terminal.paragraph(
        f"Balanced accuracy on the {scored} labelled trials that the recipe keeps: "
        f"{float(reached.balanced_accuracy):.1%} (accuracy {float(reached.accuracy):.1%}; the larger class has {larger:.1%} "
        "of the trials). It says how well the model classifies new recordings only if it was not trained on these."
    )


COMMAND = Command(
    "predict",
    PredictArguments,
    run,
    examples=(
        "smilejax predict my-model new.csv --out predictions.csv",
        "smilejax predict my-study/model new.csv --out predictions.xlsx",
    ),
)
