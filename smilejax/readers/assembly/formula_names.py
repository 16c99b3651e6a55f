"""Names that a spreadsheet computes: `=HYPERLINK(...)` as a participant is a name here, and runs where a table is opened."""

import re
from collections.abc import Iterable

from smilejax._util.errors import listed
from smilejax.recordings.source import Finding

_FORMULA = re.compile(r"[=@\t\r]|[+-].*[(!|]")
"""How a cell begins that Excel and LibreOffice take for a formula. A sign alone begins many a name, and runs nothing."""


def formula_names(what: str, names: Iterable[str]) -> tuple[Finding, ...]:
    """A warning, where names begin as formulas. They are kept and written as they are: a table is read back the same.

    Arguments:
        what: what they name, in the plural.
    """
    found = [name for name in dict.fromkeys(names) if _FORMULA.match(name)]
    if not found:
        return ()
    said = f"{listed((repr(name[:60]) for name in found), most=3)}: a spreadsheet computes these as formulas"
    return (Finding(f"{what} like formulas", f"{said}; open tables with them as text, or write .parquet", "warning"),)
