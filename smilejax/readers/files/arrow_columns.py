"""Columns of chunks of a table, as Arrow parsed them, joined into columns of pandas."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from pandas.api.extensions import ExtensionArray

Kind = Literal["whole", "number", "text"]
"""What a column holds: whole numbers, numbers, or texts."""

Parts = list[npt.NDArray[np.generic] | pa.Array]
"""The parts of a column: numbers, or Arrow's arrays of texts."""

Column = npt.NDArray[np.generic] | ExtensionArray
"""A column: numbers, texts or categories."""


def kept_rows(column: pa.ChunkedArray, row: npt.NDArray[np.bool_]) -> Parts:
    """The rows of a mask of a column: numbers `i64` or `f64`, NaN where there is none, or texts as they are."""
    if not row.all():
        column = column.filter(pa.array(row))
    if pa.types.is_dictionary(column.type):
        return list(column.unify_dictionaries().chunks)
    if pa.types.is_integer(column.type) and column.null_count:
        column = column.cast(pa.float64(), safe=False)
    return [column.to_numpy()]


def joined(parts: Parts) -> Column:
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
