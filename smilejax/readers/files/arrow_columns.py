"""Columns of a chunk of a text table, as Arrow parses them, and the columns of all chunks joined into columns of pandas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]
from pandas.api.extensions import ExtensionArray

Kind = Literal["whole", "number", "text"]
"""What a column holds: whole numbers, numbers, or texts."""

Parts = list[npt.NDArray[np.generic] | pa.Array]
"""The parts of a column: numbers, or Arrow's arrays of texts."""

Column = npt.NDArray[np.generic] | ExtensionArray
"""A column: numbers, texts or categories."""

MISSING_WORDS = frozenset(("", "na", "nan", "n/a", "null", "none", ".", "-", "#n/a"))
"""Texts that stand for a missing number, in any case: of R, Python, BIDS (n/a), EyeLink (.), SMI (-), Excel (#N/A)."""

_NULLS = sorted({v for w in MISSING_WORDS for v in (w, w.upper(), w.capitalize())} | {"NaN"})
_TYPES = {"whole": pa.int64(), "number": pa.float64(), "text": pa.dictionary(pa.int32(), pa.string())}
_BLOCK = 1 << 20
"""Bytes that a processor parses at a time."""


@dataclass(frozen=True)
class Fields:
    """How lines are split: `width` fields, with a delimiter between them."""

    width: int
    delimiter: str


def parsed(text: bytes | bytearray, fields: Fields, kinds: Mapping[int, Kind], *, quoted: bool = True) -> pa.Table:
    """The columns of `kinds`, named by their positions.

    Arguments:
        text: lines.
        quoted: whether quotation marks stand around fields; else they are letters like others.

    Raises:
        pa.ArrowInvalid: a line has another number of fields, or a cell of numbers holds none.
    """
    return arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(column_names=[str(i) for i in range(fields.width)], block_size=_BLOCK),
        arrow_csv.ParseOptions(delimiter=fields.delimiter, quote_char='"' if quoted else False),
        arrow_csv.ConvertOptions(
            column_types={str(column): _TYPES[kind] for column, kind in kinds.items()},
            include_columns=[str(column) for column in kinds],
            null_values=_NULLS,
            strings_can_be_null=False,
        ),
    )


def parsed_without_marks(
    text: bytes | bytearray, fields: Fields, kinds: Mapping[int, Kind], quotes: int
) -> pa.Table | None:
    """As `parsed`, where all quotation marks of the text stand around cells of the columns of `kinds`; None where they do not.

    That is so where splitting without regard to them gives texts that each have two marks at their ends or none, and these
    marks are all that there are.

    Arguments:
        quotes: number of quotation marks in the text.
    """
    try:
        table = parsed(text, fields, kinds, quoted=False)
    except pa.ArrowInvalid:
        return None
    found = 0
    for column, kind in kinds.items() if quotes else ():
        if kind == "text":
            inside = _inside_marks(table.column(str(column)))
            if inside is None:
                return None
            table = table.set_column(table.column_names.index(str(column)), str(column), inside[0])
            found += inside[1]
    return table if found == quotes else None


def _inside_marks(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int] | None:
    """A column of texts without the quotation marks around them, and how many marks these are; None where others are left."""
    column = column.unify_dictionaries()
    texts = column.chunk(0).dictionary
    marks = np.asarray(pc.count_substring(texts, '"'))
    around = np.asarray(pc.and_(pc.starts_with(texts, '"'), pc.ends_with(texts, '"'))) & (marks == 2)
    inner = pc.if_else(pa.array(around), pc.utf8_slice_codeunits(texts, 1, -1), texts)
    if marks[~around].any() or len(inner.unique()) < len(inner):
        return None
    found = 0
    parts = []
    for part in column.chunks:
        found += int(marks[np.asarray(part.indices)].sum())
        parts.append(pa.DictionaryArray.from_arrays(part.indices, inner))
    return pa.chunked_array(parts, column.type), found


def all_finite(values: pa.ChunkedArray) -> bool:
    """Whether all values that are there are finite: `inf` is no number, and not every NaN is a word for missing."""
    return all(
        part.null_count == np.count_nonzero(~np.isfinite(part.to_numpy(zero_copy_only=False))) for part in values.chunks
    )


def may_have_empty_rows(table: pa.Table) -> bool:
    """Whether every column has an empty cell."""
    return all(_has_empty(column) for column in table.columns)


def _has_empty(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_dictionary(column.type):
        return bool(column.null_count)
    return any(pc.index(part.dictionary, "").as_py() >= 0 for part in column.chunks)


def kept_rows(column: pa.ChunkedArray, row: npt.NDArray[np.bool_] | None) -> Parts:
    """The rows of a mask (None for all) of a column: numbers `i64` or `f64`, NaN where there is none, or texts as they are."""
    if row is not None:
        column = column.filter(pa.array(row))
    if pa.types.is_dictionary(column.type):
        return list(column.unify_dictionaries().chunks)
    if pa.types.is_integer(column.type) and column.null_count:
        column = column.cast(pa.float64(), safe=False)
    return [column.to_numpy()]


def whole_column(parts: Parts) -> Column:
    """A whole column. Numbers are `i64` where all parts are; texts are categories unless most differ."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    whole = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    if 2 * len(whole.dictionary) > len(whole):
        return pd.array(whole.cast(pa.string()).to_pandas(), dtype="str")
    codes = whole.indices.to_numpy(zero_copy_only=False)
    texts = pd.Index(whole.dictionary.to_pandas(), dtype="str")
    return pd.Categorical.from_codes(codes, categories=texts, validate=False)
