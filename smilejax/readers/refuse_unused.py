"""Refuse settings that nothing of what is read uses."""

import re
from collections.abc import Sequence

from smilejax._util.errors import SETTING, SettingsError, listed
from smilejax.readers.files import raw_table
from smilejax.readers.files.files_of_folder import files_of
from smilejax.readers.given import BINARY_SUFFIXES, EXCEL_SUFFIXES, Given
from smilejax.readers.pieces import Piece
from smilejax.readers.samples import Samples
from smilejax.readers.used_settings import IN_ORDER, OF_ALL, WHY
from smilejax.settings import ReadSettings

_JSON = (".json", ".jsonl")
_HAS_COMMA = re.compile(r"[+-]?[\d.]*,\d+.*")


def given_settings(settings: ReadSettings) -> tuple[str, ...]:
    """The settings that are not at their default."""
    usual = ReadSettings()
    return tuple(name for name in IN_ORDER if getattr(settings, name) != getattr(usual, name))


def refuse_unused(pieces: Sequence[Piece], settings: ReadSettings) -> None:
    """Refuse a setting that no piece uses by its layout and kind of file.

    Raises:
        SettingsError: naming the setting, the layout, and what the layout takes.
    """
    asked = [name for name in given_settings(settings) if name not in OF_ALL]
    if "decimal" in asked and (settings.join or settings.events is not None):
        asked.remove("decimal")  # of the numbers in those tables
    for name in asked:
        if not any(name in used_by(piece) for piece in pieces):
            raise _refused(name, pieces)


def refuse_without_effect(parts: Sequence[Samples], settings: ReadSettings) -> None:
    """Refuse a unit of time or a recorded eye that the samples show to have had no effect.

    Raises:
        SettingsError: naming the setting, and what the recordings say.
    """
    if settings.time_unit is not None and not any(part.time is not None and part.time.how == "given" for part in parts):
        timed = any(part.time is not None for part in parts)
        why = "the time stands in dates, or in a clock of known unit" if timed else "no column of time was recognised"
        raise _without_effect("time_unit", parts, why)
    if settings.recorded_eye is not None and all(part.eyes for part in parts):
        eyes = " and ".join(dict.fromkeys(eye for part in parts for eye in part.eyes))
        raise _without_effect("recorded_eye", parts, f"the recordings say which eyes they hold: {eyes}")


def used_by(piece: Piece) -> frozenset[str]:
    """The settings that a piece uses by its layout and kind of file, besides those of all."""
    return piece.reader.uses - _not_of_kind(piece.given)


def _not_of_kind(given: Given) -> frozenset[str]:
    """Settings without a meaning for a kind of file."""
    if given.suffix in BINARY_SUFFIXES:
        return frozenset(IN_ORDER)
    if given.suffix in EXCEL_SUFFIXES:
        return frozenset() if _numbers_as_text(given) else frozenset(("decimal", "thousands"))
    if given.path is not None and given.is_folder:
        books = any(file.suffix.lower() in EXCEL_SUFFIXES for file in files_of(given.path))
        return frozenset() if books else frozenset(("sheet",))
    return frozenset(("decimal", "thousands", "sheet")) if given.suffix in _JSON else frozenset(("sheet",))


def _numbers_as_text(given: Given) -> bool:
    """Whether a cell of a workbook is a number with a comma, as text."""
    sheets = raw_table.sheets(given) if given.sheet is None else (given.sheet,)
    return any(
        isinstance(cell, str) and _HAS_COMMA.fullmatch(cell.strip())
        for sheet in sheets
        for row in raw_table.rows_of_sheet(given, sheet)
        for cell in row
    )


def _refused(name: str, pieces: Sequence[Piece]) -> SettingsError:
    readers = list(dict.fromkeys(piece.reader for piece in pieces))
    layouts = " and ".join(f"{reader.name} ({reader.words})" for reader in readers)
    takes = [SETTING(one) for one in IN_ORDER if any(one in used_by(piece) for piece in pieces)]
    such = f"Of such settings it takes {listed(takes, 30)}." if takes else "It takes no such setting."
    where = listed((piece.given.name for piece in pieces), 3)
    return SettingsError(
        f"{where}: {SETTING(name)} is not used by the layout {layouts}: {WHY[name]}. {such}",
        setting=name,
        hint=f"Leave {SETTING(name)} out; or, where the layout was not recognised rightly, name it: {SETTING.layout}.",
    )


def _without_effect(name: str, parts: Sequence[Samples], why: str) -> SettingsError:
    where = listed(dict.fromkeys(part.file for part in parts), 3)
    return SettingsError(f"{where}: {SETTING(name)} is not used: {why}. Leave it out.", setting=name)
