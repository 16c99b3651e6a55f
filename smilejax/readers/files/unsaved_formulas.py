"""Formulas in a workbook whose values were not saved with them. Programs that do not compute (openpyxl, R) write such."""

import io
import re
import zipfile

_CELL = re.compile(
    rb"<c\b(?P<about>[^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>",
)
"""A cell with a formula and no value. Of texts (`t="str"`) an empty value is one: what `=""` gives."""
_NAME = re.compile(rb'\br="([A-Z]+[0-9]+)"')


def unsaved_formula(raw: bytes, part: str) -> str | None:
    """The first cell of a sheet that has a formula and no value, as `B5`; None where there is none.

    Arguments:
        raw: the workbook's bytes. part: the sheet's name in the archive, as `xl/worksheets/sheet1.xml`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            text = archive.read(part.removeprefix("/"))
    except (KeyError, OSError, zipfile.BadZipFile):
        return None
    if b"<f" not in text:
        return None
    for cell in _CELL.finditer(text):
        named = _NAME.search(cell["about"])
        if named and b't="str"' not in cell["about"]:
            return named[1].decode()
    return None
