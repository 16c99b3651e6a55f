"""Recordings as every command reads them: with a spinner, and each warning of the reader as one line."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from smilejax._util.errors import DataWarning, ReadError, SettingsError, SmilejaxError
from smilejax.cli import terminal
from smilejax.cli.shared_arguments import option_of_reading
from smilejax.settings import ReadSettings

if TYPE_CHECKING:
    from smilejax.readers.read_recordings import LabelsAre
    from smilejax.recordings.any_recording import AnyRecording

LEFT_OUT = ("other classes", "excluded")
"""Findings on trials that are left out begin with these words."""


def read_recordings(
    paths: Sequence[Path], settings: ReadSettings, labels: "LabelsAre" = "required", mapping: Path | None = None
) -> "AnyRecording":
    """Read, and print what should be looked at to standard error."""
    trials, warned = read_quietly(paths, settings, labels, mapping)
    for text in warned:
        terminal.warning(text)
    return trials


def read_quietly(
    paths: Sequence[Path], settings: ReadSettings, labels: "LabelsAre" = "required", mapping: Path | None = None
) -> tuple["AnyRecording", list[str]]:
    """Read, and give back what should be looked at.

    Arguments:
        paths: the recordings.
        settings: how to read.
        labels: whether every trial must have a label.
        mapping: the mapping file that `settings` come from; an error says which of its lines does not fit.
    """
    from smilejax import readers

    with terminal.working("reading") as progress, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        try:
            trials = readers.read(list(paths), settings, labels=labels, progress=progress)
        except (ReadError, SettingsError) as error:
            raise _with_line(error, mapping, paths, settings) from error
    warned = []
    for one in caught:
        if isinstance(one.message, DataWarning):
            warned.append(one.message.in_words(option_of_reading))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return trials, list(dict.fromkeys(warned))


def _with_line(
    error: SmilejaxError, mapping: Path | None, paths: Sequence[Path], settings: ReadSettings
) -> SmilejaxError:
    """The error, with the line of the mapping file that the recordings do not fit."""
    if mapping is None:
        return error
    from smilejax.readers.mapping_fit import misfit

    said = misfit(mapping, error, paths, settings)
    return type(error)(f"{error.marked} {said}", setting=error.setting) if said else error


def print_left_out(trials: "AnyRecording") -> None:
    """Trials that are left out, where the command prints no other findings."""
    found = [f for f in trials.source.findings if f.what.startswith(LEFT_OUT)]
    for finding in found:
        terminal.out.print(f"{finding.what}: {finding.value}", soft_wrap=True)
    if found:
        terminal.out.print()


def further_tables(settings: ReadSettings) -> tuple[Path, ...]:
    """Further files that are read, which no output may replace."""
    single = (settings.events, settings.exclude)
    return tuple(Path(name) for name in (*single, *settings.join) if name is not None)


def shown_paths(paths: Sequence[Path]) -> str:
    """The paths as records hold them."""
    return ", ".join(map(str, paths))
