"""`smilejax export`: a model or a study in the formats of other programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from smilejax._util.errors import SETTING, SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg

if TYPE_CHECKING:
    from smilejax.evaluation.study import Study
    from smilejax.recordings.any_recording import AnyRecording

Form = Literal["onnx", "jax", "tables", "bids"]
MODELS: tuple[Form, ...] = ("onnx", "jax")


@dataclass(frozen=True)
class ExportArguments:
    """Write a model as ONNX or for jax.export, or a study as tidy tables or as a BIDS derivative."""

    source: Annotated[Path, Arg(positional=True, metavar="FOLDER")]
    """Folder of a model or of a study; a study's model is taken for onnx and jax."""
    form: Annotated[Form, Arg(flag="--format", metavar="FORM")]
    """onnx and jax: of a model. tables (CSV files with a data dictionary) and bids (a BIDS derivative dataset): of a study."""
    out: Annotated[Path, Arg(metavar="PATH")]
    """File to write, .onnx or .jaxexport; or folder to write, for tables and bids."""
    data: Annotated[tuple[Path, ...], Arg(metavar="FILE ...")] = ()
    """For bids: the recordings of the study, which is then written with their cleaned traces."""
    overwrite: bool = False
    """Replace what stands there."""


def run(arguments: ExportArguments) -> None:
    """Write the export."""
    from smilejax.cli import terminal
    from smilejax.cli.outputs import print_written

    if arguments.data and arguments.form != "bids":
        raise SettingsError(f"{SETTING.data} is for {SETTING.form} bids alone.", hint="Leave it out.")
    with terminal.working("writing"):
        written = _model(arguments) if arguments.form in MODELS else _study(arguments)
    print_written(written)


def _model(arguments: ExportArguments) -> Sequence[Path]:
    from smilejax.evaluation.study.study_files import MODEL, RECORD
    from smilejax.prediction.predictor import load_model

    folder = arguments.source / MODEL if (arguments.source / RECORD).is_file() else arguments.source
    model = load_model(folder)
    if arguments.form == "onnx":
        from smilejax.exports.onnx_model import export_onnx

        return [export_onnx(model, arguments.out, overwrite=arguments.overwrite)]
    from smilejax.exports.jax_program import export_jax

    return [export_jax(model, arguments.out, overwrite=arguments.overwrite)]


def _study(arguments: ExportArguments) -> Sequence[Path]:
    from smilejax.evaluation.study import load_study

    study = load_study(arguments.source)
    if arguments.form == "tables":
        from smilejax.cli import terminal
        from smilejax.exports.study_tables_folder import DICTIONARY, export_tables

        folder = export_tables(study, arguments.out, overwrite=arguments.overwrite)
        for table in json.loads((folder / f"{DICTIONARY}.json").read_text(encoding="utf-8")).values():
            if not table["rows"]:
                terminal.note(f"{table['file']}: {table['about'].removesuffix('.')}")
        return [folder]
    from smilejax.exports.bids_derivative import export_bids

    recordings = _recordings(study, arguments.data) if arguments.data else None
    return [export_bids(study, arguments.out, recordings=recordings, overwrite=arguments.overwrite)]


def _recordings(study: "Study", data: Sequence[Path]) -> "AnyRecording":
    """The recordings of a study, read as it read them."""
    from smilejax import readers
    from smilejax.settings import ReadSettings, from_json

    made_of = study.record.provenance.data_from
    read = ReadSettings() if made_of is None else from_json(ReadSettings, made_of.read)
    return readers.read(list(data), read, labels="optional")


COMMAND = Command(
    "export",
    ExportArguments,
    run,
    examples=(
        "smilejax export my-model --format onnx --out model.onnx",
        "smilejax export my-study --format tables --out my-tables",
        "smilejax export my-study --format bids --out bids --data recording.csv",
    ),
)
