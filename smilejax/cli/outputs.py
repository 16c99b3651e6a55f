"""Files that a command writes: checked before any work is done, written in one step, and listed at the end."""

import itertools
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from smilejax import readers
from smilejax._util.errors import SETTING, OutputError, listed
from smilejax._util.files import claim
from smilejax.cli import terminal

FIGURES = ("--plot",)
"""Options that name a figure; what the others name is a table."""


def claim_files(outputs: Mapping[str, Path | None], *, overwrite: bool, data: Sequence[Path] = ()) -> dict[str, Path]:
    """The files that were asked for, by their options, as absolute paths.

    Arguments:
        outputs: what each option names; None where it was not given.
        overwrite: whether existing files may be replaced.
        data: the recordings, and other files that are read, which may not be.

    Raises:
        OutputError: naming the option, where a suffix has no format, a place cannot be written, two options name one file,
            or one names the recordings.
    """
    claimed: dict[str, Path] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        _check_format(option, path)
        for recording in data:
            _check_is_no_recording(option, path, recording)
        claimed[option] = claim(path, overwrite=overwrite, what="file")
    for (one, path), (other, same) in itertools.combinations(claimed.items(), 2):
        if path.resolve() == same.resolve():
            raise OutputError(f"{one} and {other} must be different files; both are {path}.")
    return claimed


def claim_mapping(path: Path | None, *, overwrite: bool, data: Sequence[Path]) -> Path | None:
    """The mapping file that was asked for, as an absolute path. Raises as `claim_files`."""
    if path is None:
        return None
    if path.suffix.lower() != ".toml":
        raise OutputError(f"{path}: a mapping file is called .toml.", hint=f"Name it so with {SETTING.save_mapping}.")
    for recording in data:
        _check_is_no_recording("--save-mapping", path, recording)
    return claim(path, overwrite=overwrite, what="file")


def _check_format(option: str, path: Path) -> None:
    if option not in FIGURES:
        readers.check_format(path)
        return
    from smilejax.report.figures import FORMATS  # matplotlib, which only a command that draws needs

    if path.suffix.lower() not in FORMATS:
        raise OutputError(
            f"{path}: the suffix {path.suffix!r} is not among those of figures: {listed(FORMATS)}. Name another with "
            f"{option}."
        )


def _check_is_no_recording(option: str, path: Path, data: Path) -> None:
    own, recording = path.expanduser().resolve(), data.expanduser().resolve()
    if own == recording:
        raise OutputError(f"{option} must not be the recording itself, {path}. Name another file.")
    if os.path.exists(own) and recording in own.parents:  # also of a name that is too long for one
        raise OutputError(
            f"{option} must not replace a file in the folder of the recordings, {path}. Write to another folder."
        )


def command_line() -> str:
    """The command as it was given, to be repeated."""
    return shlex.join(["smilejax", *sys.argv[1:]])


def short_path(path: Path) -> Path:
    """A path as seen from the working folder, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def not_begun(what: str, folder: Path) -> None:
    """Say that `--resume` found nothing. A job that is started again after it was stopped gives the option from the first time
    on, so that it is no error; whoever misspelt the folder reads it before everything is trained again.
    """
    terminal.note(f"no {what} was begun in {folder}, so that there is nothing to go on with; it is begun there now")


def print_written(paths: Sequence[Path]) -> None:
    """Print where things were written."""
    for path in paths:
        terminal.out.print(f"wrote {short_path(path)}", soft_wrap=True)
    if paths:
        terminal.out.print()
