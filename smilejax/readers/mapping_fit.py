"""Which line of a mapping file recordings contradict, where they could not be read by it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smilejax._util.errors import SETTING, ReadError, SmilejaxError, listed
from smilejax.readers.mapping import NAMES, load_mapping, mapping_lines, toml_value
from smilejax.readers.read_recordings import recognised_layouts
from smilejax.settings import ReadSettings


def misfit(mapping: Path, error: SmilejaxError, data: Sequence[Path], settings: ReadSettings) -> str:
    """The line of a mapping file that recordings do not fit, in words; empty where the error is about none of its lines.

    Arguments:
        mapping: the file.
        error: with which reading by it ended.
        data: what was read.
        settings: by which it was read: those of the mapping, over which others may have been laid.

    Raises:
        SettingsError: the mapping file cannot be read any more.
    """
    values, lines = mapping_lines(mapping)
    kept = load_mapping(mapping)
    used = [name for name in NAMES if name in values and getattr(kept, name) == getattr(settings, name)]
    name = error.setting if error.setting in used else None
    more = ""
    if name is None and "layout" in used:
        layouts = _layouts(data, settings)
        if layouts and settings.layout not in layouts:
            name, more = "layout", f"; they are recognised as {listed(layouts)}"
    name = name or next((named for named in error.settings_named if named in used), None)
    if name is None:
        return ""
    line = f"{name} = {toml_value(values[name])}"
    return (
        f"Line {lines.get(name, 1)} of {mapping} does not fit these recordings: {line}{more}. Change or delete the line, or "
        f"give {SETTING(name)} beside the mapping."
    )


def _layouts(data: Sequence[Path], settings: ReadSettings) -> tuple[str, ...]:
    """The layouts that are recognised where none is given; none where they are not."""
    try:
        return recognised_layouts(data, replace(settings, layout=None))
    except ReadError:
        return ()
