"""Formulas in a workbook whose values were not saved with them. Programs that do not compute (openpyxl, R) write such."""

import re
import zipfile

_CELL = re.compile(
    rb"<c\b(?P<about>[^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>",
)
"""A cell with a formula and no value. Of texts (`t="str"`) an empty value is one: what `=""` gives."""
_NAME = re.compile(rb'\br="([A-Z]+[0-9]+)"')
_FORMULA = b"<f"
_AT_ONCE = 1 << 20
"""Bytes that are looked through at once: most sheets have no formula, and need not be held whole."""


def unsaved_formula(archive: zipfile.ZipFile, part: str) -> str | None:
    """The first cell of a sheet that has a formula and no value, as `B5`; None where there is none.

    Arguments:
        archive: the workbook. part: the sheet's name in it, as `xl/worksheets/sheet1.xml`.
    """
    part = part.removeprefix("/")
    if not _holds_formulas(archive, part):
        return None
    for cell in _CELL.finditer(archive.read(part)):
        named = _NAME.search(cell["about"])
        if named and b't="str"' not in cell["about"]:
            return named[1].decode()
    return None


def _holds_formulas(archive: zipfile.ZipFile, part: str) -> bool:
    last = b""
    with archive.open(part) as sheet:
        while block := sheet.read(_AT_ONCE):
            if _FORMULA in last + block:
                return True
            last = block[-1:]
    return False
