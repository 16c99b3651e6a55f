"""Trials that are left out by hand: a table of participant, trial, reason and blind. The same for pupils and faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, listed
from smilejax._util.number_text import several
from smilejax.readers.columns import cell_values
from smilejax.readers.samples import Names
from smilejax.readers.side_table import load_side_table
from smilejax.recordings.kinds import Kind
from smilejax.recordings.source import ExcludedByHand, Finding
from smilejax.settings import ReadSettings

NO_REASON = "no reason given"
BLIND: dict[str, bool | None] = {"yes": True, "no": False, "": None}
"""What the column blind may hold: whether the class of a trial was hidden when it was excluded; empty where it is not known."""


@dataclass(frozen=True)
class Exclusion:
    """Trials to leave out: participant, trial (empty for all of the participant's), why, and whether that was decided without
    knowing their class; None where it is not known."""

    participant: str
    trial: str
    reason: str
    blind: bool | None = None


def exclusions_of(settings: ReadSettings) -> tuple[Exclusion, ...]:
    """The table in `settings.exclude`; nothing where none is given. Raises as `load_exclusions`."""
    return () if settings.exclude is None else load_exclusions(settings.exclude)


def load_exclusions(path: str | Path) -> tuple[Exclusion, ...]:
    """A table of trials to leave out. It may have headings alone, as the app leaves it when the last exclusion is taken back.

    Raises:
        ReadError: with the line: no column of participants, a row without one, a value of blind that is neither yes nor no,
            or a trial that stands there twice.
    """
    table, at = load_side_table(str(path), "exclude", ("participant", "trial", "reason", "blind"), may_be_empty=True)
    if "participant" not in at:
        raise ReadError(
            f"{path}: a table of trials to leave out has the columns participant, trial and reason; it has "
            f"{listed(map(repr, table.heads or ()))}."
        )
    columns = {role: Names(*cell_values.names(table, column)) for role, column in at.items()}
    found: list[Exclusion] = []
    first: dict[tuple[str, str], int] = {}
    for row in range(len(table.line)):
        values = {role: column.at(row) for role, column in columns.items()}
        who, which = values["participant"], values.get("trial", "")
        if not who:
            raise ReadError(f"{table.at(row)}: this row names no participant.")
        if (who, which) in first:
            again = f"{_named(who, which)} stands in {table.place} {first[who, which]} already"
            raise ReadError(f"{table.at(row)}: {again}.", hint="Remove one of the rows.", setting="exclude")
        first[who, which] = int(table.line[row])
        found.append(Exclusion(who, which, values.get("reason", "") or NO_REASON, _blind(values, table.at(row))))
    return tuple(found)


def _blind(values: Mapping[str, str], place: str) -> bool | None:
    said = values.get("blind", "").strip().lower()
    if said not in BLIND:
        raise ReadError(f"{place}: blind must be yes, no or empty; it is {said!r}.", setting="exclude")
    return BLIND[said]


def excluded_rows(
    trial: Sequence[str], participant: Sequence[str], given: Sequence[Exclusion], file: str | None, kind: Kind
) -> dict[int, Exclusion]:
    """The trials that a table names, by their row.

    Arguments:
        trial, participant: of N trials. file: name of the table, for messages. kind: of the recording.

    Raises:
        ReadError: it names a trial that there is not.
    """
    rows: dict[str, dict[str, int]] = {}
    for row, (who, which) in enumerate(zip(participant, trial, strict=True)):
        rows.setdefault(who, {})[which] = row
    found: dict[int, Exclusion] = {}
    for one in given:
        own = rows.get(one.participant, {})
        hits = list(own.values()) if not one.trial else [own[one.trial]] if one.trial in own else []
        if not hits:
            raise ReadError(
                f"{file}: there is no {_named(one.participant, one.trial, kind)} to leave out. "
                + (
                    f"Theirs are: {listed(own, 12)}."
                    if own
                    else f"{kind.participants.capitalize()}: {listed(rows, 12)}."
                ),
                setting="exclude",
            )
        found.update(dict.fromkeys(hits, one))
    return found


def _named(participant: str, trial: str, kind: Kind | None = None) -> str:
    who = f"{kind.participant if kind else 'participant'} {participant!r}"
    return f"{kind.trial if kind else 'trial'} {trial!r} of {who}" if trial else who


def counted_exclusions(
    found: Mapping[int, Exclusion], label: npt.NDArray[np.int32], classes: tuple[str, str]
) -> tuple[ExcludedByHand, ...]:
    """Excluded trials by reason, and by whether their class was hidden.

    Arguments:
        found: by row. label: of all rows, 0 or 1; anything else is no class.
    """
    counted = []
    for reason, blind in dict.fromkeys((one.reason, one.blind) for one in found.values()):
        mine = label[[row for row, one in found.items() if (one.reason, one.blind) == (reason, blind)]]
        of_class = {name: int((mine == code).sum()) for code, name in enumerate(classes)}
        counted.append(ExcludedByHand(reason, len(mine), of_class, blind))
    return tuple(counted)


def exclusion_findings(counted: Sequence[ExcludedByHand], file: str | None, kind: Kind) -> tuple[Finding, ...]:
    """Excluded trials by reason and class, in words.

    Arguments:
        counted: none where no table was given, or one that names no trial. file: the table; None: none was given.
    """
    if file is not None and not counted:
        none = (
            f"no trial, since {file} has headings and no row below them. If trials were listed in it, it is not whole"
        )
        return (Finding("excluded", none, "warning"),)
    findings = []
    for one in counted:
        parts = [f"{n} {name}" for name, n in one.classes.items() if n]
        others = one.trials - sum(one.classes.values())
        parts += [f"{others} of no class"] if others else []
        how = {True: ", blind to the class", False: ", with the class shown", None: ""}[one.blind]
        value = f"{several(one.trials, kind.trial)} ({', '.join(parts)}){how}"
        findings.append(Finding(f"excluded: {one.reason}", value, "given"))
    return tuple(findings)
