"""Further tables beside the recordings: labels, stimuli or onsets joined by common columns, and trials to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import cell_values
from smilejax.readers.columns.columns_to_keep import heading_of, role_of
from smilejax.readers.exclusions import Exclusion, exclusions_of
from smilejax.readers.files import raw_table
from smilejax.readers.samples import NameRole, Names, Samples
from smilejax.readers.side_table import load_side_table
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

KEYS: tuple[NameRole, ...] = ("participant", "block", "trial", "stimulus")
VALUES: tuple[NameRole, ...] = ("label", "stimulus", "smiler", "participant", "block")


def with_joined_tables(samples: Samples, settings: ReadSettings) -> Samples:
    """Samples with the names (and onsets) of the tables in `settings.join`, by the columns that both have. Trials that are
    excluded need no row there.

    Raises:
        ReadError: a table shares no column with the recordings, contradicts itself, or has no row for one of the trials.
    """
    for path in settings.join:
        samples = _with_table(samples, path, settings)
    return samples


def _with_table(samples: Samples, path: str, settings: ReadSettings) -> Samples:
    table, at = load_side_table(path, "join", (*KEYS, *VALUES, "onset"))
    own = {role: at[role] for role in (*KEYS, *VALUES) if role in at}
    keys = [role for role in KEYS if role in own and role in samples.names]
    if not keys:
        raise ReadError(
            f"{path}: no column tells which trial a row belongs to. A table that is joined has the columns of participant "
            f"and trial (or stimulus), as the recordings have them; its columns are {listed(map(repr, table.heads or ()))}."
        )
    own |= {role_of(column): at for column, at in heading_of(settings.columns, table.heads or ()).items()}
    wanted = (*VALUES, *map(role_of, settings.columns))
    values = [role for role in wanted if role in own and role not in samples.names]
    onset = cell_values.numbers(table, at["onset"], settings.decimal) if "onset" in at else None
    if not values and onset is None:
        raise ReadError(
            f"{path}: the table adds no label, stimulus, smiler, participant, onset or column to the recordings."
        )
    names = {role: Names(*cell_values.names(table, own[role])) for role in dict.fromkeys((*keys, *values))}
    lookup = _lookup(table, names, keys, values, onset)
    matched = _matched(samples, path, keys, lookup, exclusions_of(settings))
    new = dict(samples.names)
    for role in values:
        new[role] = Names.of([names[role].at(row) if row >= 0 else "" for row in matched.rows]).take(matched.codes)
    zero = samples.zero
    if onset is not None:
        zero = np.array([onset[row] if row >= 0 else np.nan for row in matched.rows])[matched.codes]
    added = [*values, *(["onset"] if onset is not None else [])]
    finding = Finding("joined table", f"{path}: {listed(added)}, by {' and '.join(keys)}", "given")
    return replace(samples, names=new, zero=zero, findings=(*samples.findings, finding))


@dataclass(frozen=True, eq=False)
class _Matched:
    """For each row of the samples, which combination of keys it has, and for each of those the row of the table, or -1."""

    codes: npt.NDArray[np.int64]
    rows: list[int]


def _lookup(
    table: raw_table.RawTable,
    names: dict[NameRole, Names],
    keys: list[NameRole],
    values: list[NameRole],
    onset: npt.NDArray[np.float64] | None,
) -> dict[tuple[str, ...], int]:
    lookup: dict[tuple[str, ...], int] = {}
    for row in range(len(table.line)):
        key = tuple(names[role].at(row) for role in keys)
        first = lookup.setdefault(key, row)
        same = all(names[role].at(row) == names[role].at(first) for role in values)
        if not same or (onset is not None and onset[row] != onset[first]):
            raise ReadError(
                f"{table.at(row)}: {_shown(keys, key)} stands in {table.place} {table.line[first]} already, with other values. "
                "A trial has one row."
            )
    return lookup


def _shown(keys: list[NameRole], values: tuple[str, ...]) -> str:
    return " of ".join(f"{role} {value!r}" for role, value in reversed(list(zip(keys, values, strict=True))))


def _matched(
    samples: Samples,
    path: str,
    keys: list[NameRole],
    lookup: dict[tuple[str, ...], int],
    excluded: Sequence[Exclusion],
) -> _Matched:
    columns = [samples.names[role] for role in keys]
    combined = np.zeros(len(samples), np.int64)
    for column in columns:
        combined = combined * len(column.names) + column.codes
    _, first, codes = np.unique(combined, return_index=True, return_inverse=True)
    rows = []
    for code, row in enumerate(first.tolist()):
        key = tuple(column.at(row) for column in columns)
        found = lookup.get(key, -1)
        if found < 0 and all(key) and not _all_excluded(samples, codes == code, excluded):
            some = _shown(keys, next(iter(lookup)))
            raise ReadError(
                f"{samples.at(row)}: {path} has no row for {_shown(keys, key)}. Its first row is for {some}. "
                f"Add the row, or leave the trial out: {SETTING.exclude} FILE, a table of participant, trial and reason"
            )
        rows.append(found)
    return _Matched(codes.astype(np.int64), rows)


def _all_excluded(samples: Samples, mine: npt.NDArray[np.bool_], excluded: Sequence[Exclusion]) -> bool:
    """Whether all of these rows, `bool[S]`, are of trials that are left out."""
    who, what = samples.names.get("participant"), samples.names.get("trial") or samples.names.get("stimulus")
    if not excluded or who is None or what is None:
        return False
    pairs = np.unique(np.stack([who.codes[mine], what.codes[mine]]), axis=1).T.tolist()
    named = {(one.participant, one.trial) for one in excluded}
    return all({(who.names[p], ""), (who.names[p], what.names[t])} & named for p, t in pairs)
