"""`Trials` as a tidy table that `read` gives back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import OutputError, listed
from smilejax._util.files import write_atomically
from smilejax.readers.files.raw_table import SUFFIXES
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials
from smilejax.settings.checks import require_kind, require_path

EXCEL_ROWS = 1_048_576
"""Rows of a sheet, headings included."""


def write_tidy(trials: Trials, path: str | Path, *, missing: str = "") -> None:
    """Write trials as a table with one row per sample inside a trial, in the format of the suffix.

    Columns: participant, trial, stimulus and smiler where known, label where any trial has one, columns of the user's own,
    time_ms relative to each trial's onset, the pupil as left_mm and right_mm (or _au, _px), and where the tracker reports
    blinks blink_left and blink_right, 0 or 1.

    Arguments:
        trials: what to write.
        path: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm.
        missing: text in place of a missing sample; empty, or a number such as -1, or, in text files, a word such as NA.

    Raises:
        OutputError: the suffix is unknown, the place cannot be written, or the format cannot hold the table.
    """
    require_kind(trials, "trials", Trials)
    require_path(path, "path")
    path = Path(path)
    check_format(path)
    write_table(_frame(trials, path, _filler(missing, path.suffix.lower(), path)), path)


def check_format(path: Path) -> None:
    """Refuse a suffix for which there is no format, before any work is done. Raises `OutputError`."""
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"{path}: the suffix {path.suffix!r} is not among those written: {listed(SUFFIXES)}. Name another."
        )


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table in the format of the suffix, so that a crash leaves the old file or the new one.

    Numbers of 32 bits are written with the digits that they hold, at most 9; Parquet keeps their bits.

    Raises:
        OutputError: the suffix is unknown, the place cannot be written, or the format cannot hold the table.
    """
    check_format(path)
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        write_atomically(path, lambda to: frame.to_parquet(to, index=False))
    elif suffix in (".xlsx", ".xlsm"):
        _check_fits_excel(frame, path)
        frame = _with_own_digits(frame)
        write_atomically(path, lambda to: frame.to_excel(to, index=False, engine="openpyxl"))
    else:
        frame = _with_own_digits(frame)
        separator = "," if suffix == ".csv" else "\t"
        write_atomically(
            path, lambda to: frame.to_csv(to, index=False, sep=separator, encoding="utf-8", lineterminator="\n")
        )


def _with_own_digits(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose `f32` columns are `f64` of the same shortest digits: 3.1, and not 3.0999999046325684."""
    narrow = [name for name, kind in frame.dtypes.items() if kind == np.float32]
    return frame.assign(**{str(name): frame[name].to_numpy().astype(str).astype(np.float64) for name in narrow})


def _filler(missing: str, suffix: str, path: Path) -> float | str | None:
    try:
        return float(missing) if missing else None
    except ValueError:
        if suffix in (".csv", ".tsv", ".txt"):
            return missing
        raise OutputError(
            f"{path}: only text files can hold {missing!r} for a missing sample. Use a number, or nothing."
        ) from None


def _frame(trials: Trials, path: Path, missing: float | str | None) -> pd.DataFrame:
    at = np.repeat(np.arange(len(trials)), trials.length)
    table: dict[str, Any] = {"participant": _repeated(trials.participant, at), "trial": _repeated(trials.trial, at)}
    for name, values in (("stimulus", trials.stimulus), ("smiler", trials.smiler)):
        if values is not None:
            table[name] = _repeated(values, at)
    if np.any(trials.label != UNLABELLED):
        table["label"] = _repeated([trials.class_names[i] if i != UNLABELLED else "" for i in trials.label], at)
    for one in trials.columns:
        table.setdefault(one.name, _repeated([str(value) for value in one.values], at))
    sample = np.concatenate([np.arange(n) for n in trials.length])
    table["time_ms"] = sample * 1000.0 / trials.rate_hz + trials.start_ms
    pupil = trials.pupil[trials.inside()]
    for lane, eye in enumerate(("left", "right")):
        table[f"{eye}_{trials.unit}"] = _filled(pupil[:, lane], missing)
    if trials.blink is not None:
        for lane, eye in enumerate(("left", "right")):
            table[f"blink_{eye}"] = trials.blink[trials.inside()][:, lane].astype(np.int8)
    return pd.DataFrame(table)


def _repeated(names: Sequence[str], at: npt.NDArray[np.int64]) -> Any:
    return np.array(names, dtype=object)[at]


def _filled(values: npt.NDArray[np.float32], missing: float | str | None) -> Any:
    if missing is None:
        return values
    if isinstance(missing, str):
        return pd.Series(values).astype(object).where(~np.isnan(values), missing)
    return np.where(np.isnan(values), np.float32(missing), values)


def _check_fits_excel(frame: pd.DataFrame, path: Path) -> None:
    if len(frame) >= EXCEL_ROWS:
        raise OutputError(
            f"{path}: a sheet holds {EXCEL_ROWS - 1} rows below its headings; this table has {len(frame)}. Use "
            ".parquet or .csv."
        )
    for column in frame.select_dtypes(exclude=["number", "bool"]):
        odd = [n for n in pd.unique(frame[column].dropna()) if n.startswith("=") or any(ord(c) < 32 for c in n)]
        if odd:
            raise OutputError(f"{path}: a workbook would not give back the {column} {odd[0]!r}. Use .parquet or .csv.")
