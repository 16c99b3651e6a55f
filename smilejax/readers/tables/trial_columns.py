"""One table with a column per trial and a row per sample; `names_from` says how the headings name participant and trial."""

import numpy as np

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns import cell_values, column_roles, own_columns, timestamps
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given
from smilejax.readers.samples import Names, Samples, Time
from smilejax.readers.used_settings import TEXTS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "trial-columns"
WORDS = "one column per trial, with a row for each sample"
SOFTWARE = "spreadsheets, MATLAB exports"
LIMITS = "one pupil per trial; the headings name the trials by a pattern"
USES = TEXTS | {"time", "time_unit", "recorded_eye"}


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether a rule of `names_from` reads the names of columns."""
    return not given.is_folder and any(rule.split(":")[0].strip() == "column" for rule in settings.names_from)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a table whose columns are trials, but for one with the time.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    table = raw_table.without_empty_rows(raw_table.headed(raw_table.load_table(given, settings.sheet)))
    heads = table.heads or ()
    first = next((i for i, head in enumerate(heads) if column_roles.is_time(head)), None)
    at = first if settings.time is None else own_columns.clock(table, settings)
    trials = [i for i, head in enumerate(heads) if i != at and head]
    if not trials:
        raise ReadError(f"{table.name}: there is no column with a trial. Check {SETTING.layout}.")
    values = np.stack([cell_values.numbers(table, i, settings.decimal, settings.thousands) for i in trials], axis=1)
    there = np.isfinite(values)
    length = np.where(there.any(axis=0), len(values) - np.argmax(there[::-1], axis=0), 0)
    if (none := length == 0).any():
        raise ReadError(f"{table.name}: column {heads[trials[int(np.argmax(none))]]!r} holds no sample. Remove it.")
    rows = np.concatenate([np.arange(n) for n in length])
    column = np.repeat(np.arange(len(trials)), length)
    pupil = np.full((len(rows), 2), np.nan)
    pupil[:, 0] = values[rows, column]
    time = None
    if at is not None:
        whole = timestamps.time_of_column(table, at, column_roles.time_unit(heads[at]), settings)
        time = Time(whole.values[rows], whole.unit, whole.how)
    found = Finding("columns of trials", str(len(trials)), "recognised")
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line[rows],
        pupil=pupil,
        eyes=(),
        time=time,
        names={"column": Names.of([heads[i] for i in trials]).take(column)},
        findings=(*table.findings, found),
    )
