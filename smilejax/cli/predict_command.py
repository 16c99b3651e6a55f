"""`smilejax predict`: a saved model on new recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, DataError, ReadError, SettingsError, SmilejaxError
from smilejax._util.number_text import several
from smilejax._util.value_words import words_of
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import COLUMNS, Crops, Data, File, MappingFile, option_of_reading, reading
from smilejax.recordings.wording import Wording
from smilejax.settings import ReadSettings

SHOWN = 12
"""Most predictions that are printed one by one."""
RECOGNISED = (
    *(*COLUMNS, "trial", "label_from", "names_from", "rate_hz"),
    *("time_unit", "recorded_eye", "decimal", "thousands"),
)
"""What a model keeps of reading that other recordings may lack."""

if TYPE_CHECKING:
    import pandas as pd

    from smilejax.cli.media_read import NotRead
    from smilejax.prediction.predictor import Predictor
    from smilejax.recordings.any_recording import AnyRecording


@dataclass(frozen=True)
class PredictArguments:
    """Predict the class of every trial, or of the smile in a video or photo, with a saved model.

    Of several files, those that cannot be read are named on standard error, the others are answered, and the exit code is 2.
    The recordings are read in the way of those that the model was trained on: its columns and patterns, which options override.
    """

    model: Annotated[Path, Arg(positional=True)]
    """Folder of a model that `smilejax train` or `smilejax evaluate` saved."""
    data: Data
    """Files or folders with the recordings; labels are not needed. A model of faces takes videos and photos too."""
    out: File = None
    """Table to write: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm. Few predictions are printed as well. A file that cannot
    be read has a row without a prediction, and its column status says why."""
    crops: Crops = None
    """Of faces, the folder of crops that `smilejax track --crops` wrote with the table: for models of crops. Of
    videos and photos they are made here."""
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
    from smilejax.cli.media_read import are_media, as_the_model_sees, faces_for, with_the_models_crops
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.cli.recordings_read import further_tables, print_left_out

    inputs = (*arguments.data, *further_tables(arguments.read))
    out = claim_files({"--out": arguments.out}, overwrite=arguments.overwrite, data=inputs).get("--out")
    from smilejax.prediction.predictor import load_model

    with terminal.working("loading the model"):
        predictor = load_model(arguments.model)
    given = _with_classes(arguments.read, predictor.class_names)
    trials: AnyRecording
    there, broken = present(arguments.data)
    if are_media(there):
        _refuse_reading(arguments)
        trials, anew, unread = faces_for(predictor, there)
    else:
        _refuse_tables_of_faces(predictor, there, given)
        trials, anew, unread = _read_what_can_be(there, given, predictor.read_settings, arguments.mapping)
    broken += unread
    trials, apex = as_the_model_sees(predictor, trials)
    trials = with_the_models_crops(predictor, trials, arguments.crops)
    anew = [*anew, *apex]
    notes = [*anew, *predictor.notes(trials)]
    with terminal.working("predicting"):
        table = predictor.predict(trials)
    if out is not None:
        readers.write_table(with_unread(table, broken), out)
    if len(table) <= SHOWN:
        print_each(table, predictor.class_names, trials.kind.trial)
    _print_predictions(table, [*notes, *_label_notes(trials)], trials.kind.name)
    print_left_out(trials)
    print_agreement(table, trials)
    print_written([] if out is None else [out])
    if broken:
        raise ReadError(unread_in_words(broken))


def present(paths: Sequence[Path]) -> tuple[list[Path], list["NotRead"]]:
    """The paths at which there is something, and the others; where there is nothing at any, all are taken to be there."""
    from smilejax.cli.media_read import NotRead

    there = [path for path in paths if path.exists()]
    if not there:
        return list(paths), []
    lost = [path for path in paths if path not in there]
    return there, [NotRead(path.name, ReadError(f"{path}: there is no such file or folder.")) for path in lost]


def with_unread(table: "pd.DataFrame", broken: Sequence["NotRead"]) -> "pd.DataFrame":
    """The table of predictions, with a last row for each file that was not read: its name as trial, and why as status."""
    import pandas as pd

    if not broken:
        return table
    rows = {"trial": [one.name for one in broken], "status": [f"not read: {one.error}" for one in broken]}
    return pd.concat([table, pd.DataFrame(rows)], ignore_index=True)[list(table.columns)]


def unread_in_words(broken: Sequence["NotRead"]) -> str:
    """Which files were not read and why; what was said of the others holds."""
    errors = " ".join(one.error.marked for one in broken)
    return f"{several(len(broken), 'file')} could not be read, and the others are answered above. {errors}"


def _refuse_reading(arguments: PredictArguments) -> None:
    """Videos have no columns: how to read a table has no meaning for them."""
    usual = replace(ReadSettings(), classes=arguments.read.classes)
    if arguments.mapping is not None or arguments.read != usual:
        raise SettingsError(
            "Options of reading are for tables, and these are videos or photos.", hint="Leave them out."
        )


def _refuse_tables_of_faces(predictor: "Predictor", paths: Sequence[Path], given: ReadSettings) -> None:
    """For a model of pupils. Read by its settings, they would be refused for a setting that only pupils have."""
    from smilejax.preprocess.any_recipe import kind_of_recipe
    from smilejax.readers.faces.face_readers import face_pieces
    from smilejax.readers.given import Given
    from smilejax.recordings.kinds import PUPIL

    if kind_of_recipe(predictor.recipe) is not PUPIL:
        return
    try:
        faces = face_pieces([Given(path) for path in paths], ReadSettings(layout=given.layout))
    except ReadError:
        return  # said when it is read
    if faces:
        raise DataError(f"the model was trained on {PUPIL.signal}, and {faces[0][1].name} is a table of faces.")


def print_each(table: "pd.DataFrame", class_names: tuple[str, str], trial: str) -> None:
    """The prediction of each trial."""
    from smilejax.cli import terminal

    probable = [f"p({name})" for name in class_names]
    made = terminal.table("Predictions", trial, *probable, "predicted", "status", right=probable)
    for row in table.to_dict("records"):
        known = row["predicted"] == row["predicted"] and row["predicted"] is not None
        p = [f"{row[f'p_{name}']:.3f}" if known else "-" for name in class_names]
        made.add_row(str(row["trial"]), *p, str(row["predicted"]) if known else "-", str(row["status"]))
    terminal.printed(made)


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


def _read_what_can_be(
    data: Sequence[Path], given: ReadSettings, kept: ReadSettings, mapping: Path | None
) -> tuple["AnyRecording", list[str], list["NotRead"]]:
    """As `_read_as_the_model`; where it fails, of several files those that can be read, and the others with their errors."""
    from smilejax.cli.media_read import NotRead

    try:
        return *_read_as_the_model(data, given, kept, mapping), []
    except ReadError:
        broken = {}
        for path in data if len(data) > 1 else ():
            try:
                _read_as_the_model([path], given, kept, mapping, quiet=True)
            except ReadError as error:
                broken[path] = NotRead(path.name, error)
        if not broken or len(broken) == len(data):
            raise
    good = [path for path in data if path not in broken]
    return *_read_as_the_model(good, given, kept, mapping), list(broken.values())


def _read_as_the_model(
    data: Sequence[Path], given: ReadSettings, kept: ReadSettings, mapping: Path | None, *, quiet: bool = False
) -> tuple["AnyRecording", list[str]]:
    """Read with what was given over what the model kept. What these recordings do not have of it is recognised anew.

    Returns the trials, and in words what was recognised anew. quiet: warnings are not printed.
    """
    from smilejax.cli.recordings_read import read_quietly, read_recordings

    usual = ReadSettings()
    notes: list[str] = []
    own = {f.name: getattr(given, f.name) for f in fields(given) if getattr(given, f.name) != getattr(usual, f.name)}
    while True:
        settings = replace(kept, **own)
        try:
            if quiet:
                return read_quietly(data, settings, "optional", mapping)[0], notes
            return read_recordings(data, settings, "optional", mapping), notes
        except (ReadError, SettingsError) as error:
            name = error.setting
            if name is None or name in own or name not in RECOGNISED or getattr(kept, name) == getattr(usual, name):
                if from_model := [one for one in error.settings_named if one in kept_besides(kept, own)]:
                    raise _of_the_model(error, from_model, kept) from error
                raise
            if name != "label":  # these need none
                was = words_of(getattr(kept, name))
                notes.append(f"the model's recordings were read by {name} {was!r}, which these do not have")
            kept = replace(kept, **{name: getattr(usual, name)})


def kept_besides(kept: ReadSettings, own: Mapping[str, object]) -> list[str]:
    """The settings of reading that a model keeps and this command was not given."""
    usual = ReadSettings()
    return [f.name for f in fields(kept) if f.name not in own and getattr(kept, f.name) != getattr(usual, f.name)]


def _of_the_model(error: SmilejaxError, names: Sequence[str], kept: ReadSettings) -> SmilejaxError:
    """The error, and that settings which it names come from the model: whoever gave none would look for them in vain."""
    told = " and ".join(f"{SETTING(name)} {words_of(getattr(kept, name))}" for name in names)
    hint = f"{told}: not given here, but how the model's own recordings were read. What is given here goes before it."
    return type(error)(error.marked, setting=error.setting, hint=hint)


def _print_predictions(table: "pd.DataFrame", notes: Sequence[str], kind: str) -> None:
    """How many trials were predicted as what, and what is doubtful."""
    from smilejax.cli import terminal

    for note in notes:
        terminal.out.print(f"Note: {note}.")
    worded = Wording(kind)
    counts = table["predicted"].dropna().value_counts()
    words = ", ".join(f"{number} predicted as {name}" for name, number in counts.items())
    terminal.out.print(f"{worded(several(len(table), 'trial'))}: {words or 'none could be predicted'}.")
    doubtful = table.loc[table["status"] != "kept"]
    for status, of_status in doubtful.groupby("status", sort=False):
        doubt = _doubt(str(status), len(of_status), predicted=bool(of_status["predicted"].notna().all()))
        terminal.out.print(worded(doubt))
    terminal.out.print()


def _doubt(status: str, trials: int, *, predicted: bool) -> str:
    """What is doubtful of trials that the recipe would have rejected."""
    which = f"{several(trials, 'trial')} would have been rejected in training ({status})"
    if not predicted:
        return f"{which} and {'has' if trials == 1 else 'have'} no prediction."
    return f"{which}: {'its prediction is' if trials == 1 else 'their predictions are'} unreliable (column status)."


def _label_notes(trials: "AnyRecording") -> list[str]:
    """That labels of the file are not the model's classes, so that predictions are not compared with them."""
    held = next((found.in_words(option_of_reading) for found in trials.source.findings if found.what == "labels"), "")
    unlabelled, worded = int((trials.label < 0).sum()), Wording(trials.kind.name)
    if not unlabelled or not held or held == "none in the file":
        return []
    first, second = trials.class_names
    return [
        f"{unlabelled} of {worded(several(len(trials), 'trial'))} {'has' if unlabelled == 1 else 'have'} no label that is a "
        f"class of the model, {first} or {second}, and no prediction is compared with it (labels in the file: "
        f"{held.partition(';')[0]})"
    ]


def print_agreement(table: "pd.DataFrame", trials: "AnyRecording") -> None:
    """How well the predictions agree with labels, where the recordings have them."""
    import numpy as np

    from smilejax.cli import terminal
    from smilejax.evaluation.metrics import measure

    mask = (
        table["label"].notna().to_numpy()
        & table["predicted"].notna().to_numpy()
        & (table["status"] == "kept").to_numpy()
    )
    if not mask.any():
        return
    positive = (table["predicted"] == trials.class_names[1]).fillna(False).to_numpy(np.float64)
    reached = measure(positive, trials.label, mask)
    scored, worded = int(mask.sum()), Wording(trials.kind.name, trials.class_names)
    larger = max(float((trials.label[mask] == k).mean()) for k in (0, 1))
    if len(set(trials.label[mask].tolist())) == 1:
        terminal.paragraph(
            worded(
                f"Of {several(scored, 'labelled trial')} that the recipe keeps, all of one class, "
                f"{float(reached.accuracy):.1%} were predicted as that class."
            )
        )
        return
    right = [
        f"{int(((positive == k) & mask & (trials.label == k)).sum())} of {int((mask & (trials.label == k)).sum())} {name}"
        for k, name in enumerate(trials.class_names)
    ]
    terminal.paragraph(
        worded(
            f"Balanced accuracy on the {scored} labelled trials that the recipe keeps: "
            f"{float(reached.balanced_accuracy):.1%} ({' and '.join(right)} predicted as such; accuracy "
            f"{float(reached.accuracy):.1%}; the larger class has {larger:.1%} of the trials). It says how well the model "
            "classifies new recordings only if it was not trained on these."
        )
    )


COMMAND = Command(
    "predict",
    PredictArguments,
    run,
    examples=(
        "smilejax predict my-model new.csv --out predictions.csv",
        "smilejax predict my-study/model new.csv --out predictions.xlsx",
        "smilejax predict my-model smile.mp4",
    ),
)
