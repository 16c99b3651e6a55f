"""`smilejax convert`: recordings of any layout as a BIDS data set or a tidy table, with where they came from."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, OutputError, SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import Data, File, MappingFile, Reading
from smilejax.settings import ReadSettings, to_json

if TYPE_CHECKING:
    from smilejax.recordings.any_recording import AnyRecording

FORMATS = ("bids", "tidy")
OF_FACES = "BIDS has a form for pupils and none for measures of faces; `--to tidy` writes a table of them."


@dataclass(frozen=True)
class ConvertArguments:
    """Read recordings and write a clean copy: a BIDS data set, or a table with one row per sample (of faces, per frame).

    Reading the copy gives the same trials. Beside a table, and in the description of a data set, stands where it came from: the
    recordings with their SHA-256, what was found in them, and the settings that read them.
    """

    data: Data
    """File or folder with the recordings; labels are not needed."""
    to: Annotated[tuple[str, str], Arg(metavar="FORMAT OUT")]
    """What to write, and where: `bids` and a folder (BIDS 1.11; pupils alone), or `tidy` and a table: .parquet, .csv,
    .tsv or .xlsx, with its provenance in OUT.json."""
    description: File = None
    """JSON file with entries of a data set's description: Name, License, Authors and others that BIDS knows."""
    overwrite: bool = False
    """Replace an existing table, or a data set that smilejax wrote."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)


def run(arguments: ConvertArguments) -> None:
    """Read, write the copy with its provenance, and print what was understood and written."""
    writer, outputs = _claimed(arguments)
    from smilejax.cli import print_trials, terminal
    from smilejax.cli.by_kind import pupils_only
    from smilejax.cli.outputs import print_written
    from smilejax.cli.recordings_read import read_quietly

    trials, warned = read_quietly(arguments.data, arguments.read, "optional", mapping=arguments.mapping)
    if arguments.to[0].lower() == "bids":
        trials = pupils_only(trials, "convert --to bids", OF_FACES)
    print_trials.findings(trials)
    print_trials.print_recording(trials)
    print_trials.warnings(trials, warned)
    with terminal.working("writing"):
        writer(trials)
    print_written(outputs)


def _claimed(arguments: ConvertArguments) -> tuple[Callable[["AnyRecording"], None], list[Path]]:
    """What writes the copy, and the paths that it will have written; refused before any work is done."""
    kind, out = arguments.to[0].lower(), Path(arguments.to[1])
    if kind not in FORMATS:
        raise SettingsError(setting="to", rule="bids or tidy, and what to write", value=" ".join(arguments.to))
    if arguments.description is not None and kind != "bids":
        raise SettingsError(hint=f"{SETTING.description} is of a data set: use it with {SETTING.to} bids.")
    return (_bids if kind == "bids" else _tidy)(arguments, out)


def _bids(arguments: ConvertArguments, out: Path) -> tuple[Callable[["AnyRecording"], None], list[Path]]:
    from smilejax.readers.bids.write_bids import claim_folder, write_bids
    from smilejax.recordings.trials import Trials

    _check_apart(_inputs(arguments), out)
    folder = claim_folder(out, overwrite=arguments.overwrite)
    description = {} if arguments.description is None else _described(arguments.description)

    def write(trials: "AnyRecording") -> None:
        assert isinstance(trials, Trials)  # others are refused before
        write_bids(
            trials, folder, description=description, provenance=_provenance(arguments), overwrite=arguments.overwrite
        )

    return write, [folder]


def _tidy(arguments: ConvertArguments, out: Path) -> tuple[Callable[["AnyRecording"], None], list[Path]]:
    from smilejax import readers
    from smilejax._util.files import claim
    from smilejax._util.json_files import write_json
    from smilejax.cli.outputs import claim_files
    from smilejax.readers.faces.tidy_faces import tidy_faces
    from smilejax.recordings.faces import Faces

    table = claim_files({"--to tidy": out}, overwrite=arguments.overwrite, data=_inputs(arguments))["--to tidy"]
    about = claim(table.with_name(table.name + ".json"), overwrite=arguments.overwrite, what="file")

    def write(trials: "AnyRecording") -> None:
        provenance = {"source": trials.source.as_json(), **_provenance(arguments)}
        if isinstance(trials, Faces):
            readers.write_table(tidy_faces(trials), table)
        else:
            readers.write_tidy(trials, table)
        write_json(about, provenance)

    return write, [table, about]


def _inputs(arguments: ConvertArguments) -> tuple[Path, ...]:
    """All that is read, which the copy may not replace."""
    from smilejax.cli.recordings_read import further_tables

    return (*arguments.data, *further_tables(arguments.read))


def _check_apart(recordings: Sequence[Path], out: Path) -> None:
    """A data set must not stand in the recordings, nor these in it."""
    folder = out.expanduser().resolve()
    for data in recordings:
        source = data.expanduser().resolve()
        if folder == source or folder.is_relative_to(source) or source.is_relative_to(folder):
            raise OutputError(f"{out} and the recordings {data} must not hold one another. Write to another folder.")


def _described(path: Path) -> dict[str, object]:
    hint = f"{SETTING.description} names a JSON file, with entries in braces."
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror or error}).", hint=hint) from None
    except ValueError as error:
        raise SettingsError(f"{path} is not readable as JSON ({error}).", hint=hint) from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path} holds no entries.", hint=hint)
    return content


def _provenance(arguments: ConvertArguments) -> dict[str, object]:
    """What was read, by its digests, with which settings, and by which version."""
    from smilejax import __version__
    from smilejax._util.json_files import sha256_of_file, sha256_of_files
    from smilejax.cli.outputs import command_line

    sums: dict[str, str] = {}
    for data in (path.expanduser() for path in arguments.data):
        if data.is_dir():
            inside = sha256_of_files(data, data.rglob("*"))
            sums |= inside if len(arguments.data) == 1 else {f"{data.name}/{name}": sha for name, sha in inside.items()}
        else:
            sums[data.name] = sha256_of_file(data)
    return {
        "sha256": sums,
        "settings": to_json(arguments.read),
        "command": command_line(),
        "smilejax": __version__,
    }


COMMAND = Command(
    "convert",
    ConvertArguments,
    run,
    examples=(
        "smilejax convert recording.asc --to tidy recording.parquet",
        "smilejax convert recordings/ --to bids dataset/ --description description.json",
    ),
)
