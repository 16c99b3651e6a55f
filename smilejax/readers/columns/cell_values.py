"""Columns of a table as numbers or as names."""

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.files.arrow_columns import MISSING_WORDS as MISSING_WORDS
from smilejax.readers.files.raw_table import RawTable

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_THOUSANDS_AND_POINT = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d*")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


def numbers(table: RawTable, column: int, decimal: str = ".", thousands: str | None = None) -> npt.NDArray[np.float64]:
    """A column as `f64[R]`, NaN where a cell is empty or a word for missing.

    Raises:
        ReadError: naming the line, column and value of the first cell that is no number.
    """
    return exact_numbers(table, column, decimal, thousands).astype(np.float64, copy=False)


def exact_numbers(table: RawTable, column: int, decimal: str = ".", thousands: str | None = None) -> npt.NDArray[Any]:
    """As `numbers`, but `i64[R]` where all cells are whole numbers: nanosecond clocks exceed what f64 tells apart.

    Zero has no sign: `-0` is a whole number, which has none, in a column of whole numbers and in one with fractions alike.
    """
    values = _signed_numbers(table, column, decimal, thousands)
    return values if values.dtype == np.int64 else values + 0.0  # -0.0 + 0.0 is 0.0


def _signed_numbers(table: RawTable, column: int, decimal: str, thousands: str | None) -> npt.NDArray[Any]:
    cells = table.cells[column]
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values = _from_numbers(cells)
        if (bad := np.isinf(values)).any():
            raise _no_number(table, column, int(np.argmax(bad)), str(cells.iloc[int(np.argmax(bad))]), decimal)
        return values
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype("str")
    words = _words(cells)
    if thousands is not None:
        words = _without_thousands(table, column, words, decimal, thousands)
    if decimal == ",":
        words = _with_points(table, column, words)
    values = pd.to_numeric(words, errors="coerce")
    if values.dtype == np.int64:
        return np.asarray(values)
    values = np.asarray(values, dtype=np.float64)
    if not (odd := ~np.isfinite(values)).any():
        return values
    unknown = [word for word in pd.unique(words[odd]) if word.casefold() not in MISSING_WORDS]
    if unknown:
        row = int(np.flatnonzero(odd)[np.argmax(pd.Series(words[odd], dtype=object).isin(unknown).to_numpy())])
        raise _no_number(table, column, row, words[row], decimal)
    return np.where(odd, np.nan, values)


def names(table: RawTable, column: int) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """A column as names: `i64[R]` indices into the different names, in the order in which they first appear.

    Surrounding space is dropped, whole numbers are written without a decimal point, a missing cell is the empty name.
    """
    cells = table.cells[column]
    try:
        codes, values = _in_order(cells) or pd.factorize(cells, use_na_sentinel=False)
    except TypeError as error:
        raise ReadError(
            f"{table.name}: the cells of column {heading(table, column)} are neither text nor numbers."
        ) from error
    found: dict[str, int] = {}
    merged = np.array([found.setdefault(plain(v), len(found)) for v in values], np.int64)
    return merged[codes], tuple(found)


def _in_order(cells: "pd.Series[Any]") -> tuple[npt.NDArray[Any], "pd.Index[Any]"] | None:
    """Codes and values of categories that are numbered as they first appear, and all appear, as in a large text file."""
    if not isinstance(cells.dtype, pd.CategoricalDtype) or not len(cells):
        return None
    codes = cells.cat.codes.to_numpy()
    most = np.maximum.accumulate(codes)
    ordered = codes.min() == codes[0] == 0 and (np.diff(most) <= 1).all() and most[-1] == len(cells.cat.categories) - 1
    return (codes, cells.cat.categories) if ordered else None


def plain(value: Any) -> str:
    """A cell as text: `' a '` is `a`, `3.0` is `3`, an empty cell or NaN is the empty text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        return (
            ""
            if math.isnan(number)
            else str(int(number))
            if number.is_integer() and abs(number) < 2**53
            else str(value)
        )
    return str(value).strip()


def heading(table: RawTable, column: int) -> str:
    """How messages name a column: its heading in quotes, or its position from 1."""
    return repr(table.heads[column]) if table.heads is not None and table.heads[column] else str(column + 1)


def _from_numbers(cells: "pd.Series[Any]") -> npt.NDArray[Any]:
    if pd.api.types.is_signed_integer_dtype(cells.dtype) and not cells.hasnans:
        return cells.to_numpy(dtype=np.int64)
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _words(cells: "pd.Series[Any]") -> npt.NDArray[Any]:
    """Cells as stripped texts, `object[R]`."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.fillna("").str.strip(" \t\r\n").to_numpy(dtype=object)
    # repr keeps a number of a workbook exact; `plain` is for names
    return np.array(
        [repr(float(v)) if isinstance(v, float) and not np.isnan(v) else plain(v) for v in cells.astype(object)],
        dtype=object,
    )


def _with_points(table: RawTable, column: int, words: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Texts with their decimal commas as points. In text files a point is refused: it may part thousands."""
    texts = pd.Series(words, dtype=object).astype(str)
    if isinstance(table.cells[column].dtype, pd.StringDtype | pd.CategoricalDtype):
        pointed = texts.str.contains(".", regex=False) & (texts != ".")
        if pointed.any():
            row = int(np.argmax(pointed.to_numpy(dtype=np.bool_)))
            raise ReadError(
                f"{table.at(row)}, column {heading(table, column)}: {words[row]!r} has a decimal point, "
                f"but the decimal mark was given as a comma. Leave out {SETTING.decimal}, or write the file with one mark."
            )
    _refuse_mixed(table, column, texts)
    return texts.str.replace(",", ".", regex=False).to_numpy(dtype=object)


def _refuse_mixed(table: RawTable, column: int, texts: "pd.Series[str]") -> None:
    """Commas that all stand before three digits, beside whole numbers of three digits and more: `1,000` beside `989`.

    They part thousands. With decimals, either most numbers have a comma and not always three digits behind it, or whole ones
    are as small as the others.
    """
    has_comma = texts.str.contains(",", regex=False).to_numpy(dtype=np.bool_)
    commas = texts[has_comma]
    if not len(commas) or not commas.str.fullmatch(_THOUSANDS.pattern).all():
        return
    whole = texts[texts.str.fullmatch(r"[+-]?[1-9]\d{2}")]
    if len(whole):
        raise ReadError(
            f"{table.at(int(np.argmax(has_comma)))}, column {heading(table, column)}: {commas.iloc[0]!r} stands beside "
            f"{whole.iloc[0]!r}, so that its comma seems to stand between thousands, and the decimal mark was given as one. "
            f"Give {SETTING.thousands} , in place of {SETTING.decimal} , or write the file with a decimal point."
        )


def _without_thousands(
    table: RawTable, column: int, words: npt.NDArray[Any], decimal: str, thousands: str
) -> npt.NDArray[Any]:
    """Texts without the mark between thousands, which must part groups of three digits: `1,000.5` is 1000.5."""
    texts = pd.Series(words, dtype=object).astype(str)
    marked = texts.str.contains(thousands, regex=False)
    grouped = texts.str.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(thousands)}\d{{3}})+({re.escape(decimal)}\d*)?")
    wrong = (marked & ~grouped).to_numpy(dtype=np.bool_)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ReadError(
            f"{table.at(row)}, column {heading(table, column)}: {words[row]!r} is no number with {thousands!r} between "
            f"thousands ({SETTING.thousands}): every group behind one has three digits."
        )
    return texts.str.replace(thousands, "", regex=False).where(marked, texts).to_numpy(dtype=object)


def _no_number(table: RawTable, column: int, row: int, word: str, decimal: str) -> ReadError:
    place = f"{table.at(row)}, column {heading(table, column)}"
    if decimal == "." and _THOUSANDS.fullmatch(word):
        return ReadError(
            f"{place}: {word!r} is {word.replace(',', '')} with a comma between thousands ({SETTING.thousands} ,), or "
            f"{word.replace(',', '.')} with a decimal comma ({SETTING.decimal} ,). Give the one that holds."
        )
    if decimal == "." and _THOUSANDS_AND_POINT.fullmatch(word):
        return ReadError(f"{place}: {word!r} has a comma between thousands. Give it: {SETTING.thousands} ,")
    if decimal == "." and _DECIMAL_COMMA.fullmatch(word):
        return ReadError(f"{place}: {word!r} has a decimal comma. Give the decimal mark: {SETTING.decimal} ,")
    lacking = (
        f" Where {word!r} stands for a missing sample, put nothing, NaN or NA in its place, or a number that {SETTING.missing} "
        "names."
        if any(char.isalpha() for char in word)
        else " Leave missing samples empty."
    )
    return ReadError(f"{place}: a finite number is expected; the cell holds {word!r}.{lacking}")
