"""Trials and their names out of an EyeLink file's messages, as Data Viewer takes them: TRIALID, TRIAL_RESULT, !V TRIAL_VAR."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import column_roles
from smilejax.readers.columns.table_columns import NAMED
from smilejax.readers.samples import NameRole, Names
from smilejax.readers.trackers.asc_lines import Ints
from smilejax.readers.trackers.asc_log import Message
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

_TRIALID = re.compile(r"TRIALID\b[\s:=]*(.*)")
_VARIABLE = re.compile(r"!V\s+TRIAL_VAR\s+(\S+)\s*(.*)")

_SESSION = "Session_Name_"
"""What Experiment Builder calls the name that was typed in when the recording began."""


@dataclass(frozen=True)
class Trial:
    """From a TRIALID message to the next TRIALID or TRIAL_RESULT.

    Arguments:
        line: of TRIALID, from 1.
        last: line of the message that ends it, or None where the file ends first.
        variables: by `!V TRIAL_VAR`, up to the next TRIALID, and `TRIALID` itself.
    """

    line: int
    last: int | None
    variables: dict[str, str]


@dataclass(frozen=True)
class TrialNames:
    """Trials with their names.

    Arguments:
        trials: in the order of the file.
        names: of each trial by role, with `trial`.
        findings: how the names were found.
        unused: variables that are no name.
    """

    trials: tuple[Trial, ...] = ()
    names: tuple[Mapping[NameRole, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    unused: tuple[str, ...] = ()

    def index(self, lines: Ints) -> Ints:
        """Which trial each of some lines (from 1, rising) stands in, -1 for none."""
        starts = np.array([trial.line for trial in self.trials], np.int64)
        lasts = np.array([trial.last or np.iinfo(np.int64).max for trial in self.trials], np.int64)
        found = np.searchsorted(starts, lines, side="right") - 1
        if len(starts):
            found[(found >= 0) & (lines > lasts[found])] = -1
        return found

    def of_rows(self, lines: Ints) -> dict[NameRole, Names]:
        """The names of samples by the lines in which they stand, from 1, rising. Outside trials they have none."""
        index = self.index(lines)
        roles = list(dict.fromkeys(role for names in self.names for role in names))
        return {role: _names(["", *(n.get(role, "") for n in self.names)], index + 1) for role in roles}


def is_trial_id(text: str) -> bool:
    """Whether a message begins a trial."""
    return _TRIALID.match(text) is not None


def of_messages(messages: Sequence[Message], name: str, settings: ReadSettings) -> TrialNames:
    """The trials that messages mark.

    Arguments:
        messages: in the order of the file.
        name: how messages to the user name the file.
        settings: a variable that is named there is taken for that role.

    Raises:
        ReadError: the settings name a variable that no trial has.
    """
    trials = _trials(messages)
    if not trials:
        asked = next((role for role in NAMED if getattr(settings, role, None) is not None), None)
        asked = asked or ("trial" if settings.trial else None)
        if asked is not None:
            raise ReadError(
                f"{name}: {SETTING(asked)} names a variable of trials ('!V TRIAL_VAR'), and no message TRIALID begins a trial "
                f"there. Names come from messages by {SETTING.trials_from}, or from the file's name by {SETTING.names_from}.",
                setting=asked,
            )
        return TrialNames()
    variables = list(dict.fromkeys(v for trial in trials for v in trial.variables))
    own = tuple(_named(variables, wanted, "trial", name) for wanted in settings.trial)
    roles = _roles([v for v in variables if v not in own], name, settings)
    names: list[dict[NameRole, str]] = []
    for trial, called in zip(trials, _called(trials, own or ("TRIALID",)), strict=True):
        names.append({"trial": called, **{role: trial.variables.get(v, "") for role, v in roles.items()}})
    _fill_participant(names)
    source = " and ".join(map(repr, own)) if own else "TRIALID"
    findings = [Finding("trials", f"{len(trials)}, named by {source}", "given" if own else "recognised")]
    for role, variable in roles.items():
        given = getattr(settings, role, None) is not None
        findings.append(Finding(f"variable of trials: {role}", repr(variable), "given" if given else "recognised"))
    if again := len(trials) - len({tuple(t.variables.get(v, "") for v in own or ("TRIALID",)) for t in trials}):
        value = f"{again} have the name of an earlier one and are numbered, as '3 (2)'"
        findings.append(Finding("names of trials", value, "warning"))
    used = {*roles.values(), *own, "TRIALID"}
    return TrialNames(tuple(trials), tuple(names), tuple(findings), tuple(v for v in variables if v not in used))


def _trials(messages: Sequence[Message]) -> list[Trial]:
    trials: list[Trial] = []
    for message in messages:
        begins = _TRIALID.match(message.text)
        if begins or message.text.startswith("TRIAL_RESULT"):
            if trials and trials[-1].last is None:
                trials[-1] = Trial(trials[-1].line, message.line, trials[-1].variables)
            if begins:
                trials.append(Trial(message.line, None, {"TRIALID": begins[1].strip() or str(len(trials) + 1)}))
        elif trials and (variable := _VARIABLE.match(message.text)):
            trials[-1].variables[variable[1]] = variable[2].strip()
    return trials


def _called(trials: Sequence[Trial], variables: Sequence[str]) -> list[str]:
    """What each trial is called; a name that comes again is numbered."""
    counts: dict[str, int] = {}
    names = []
    for trial in trials:
        name = " ".join(trial.variables.get(v, "") for v in variables).strip()
        counts[name] = counts.get(name, 0) + 1
        names.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return names


def _roles(variables: Sequence[str], name: str, settings: ReadSettings) -> dict[NameRole, str]:
    """Which variable is which name: the one that the settings name, else the one that is called so."""
    found: dict[NameRole, str] = {}
    for role in NAMED:
        wanted = getattr(settings, role, None)
        if wanted is not None:
            found[role] = _named(variables, wanted, role, name)
            continue
        aliases = column_roles.ALIASES[role]  # type: ignore[index]
        ranked = [
            (aliases.index(s), v) for v in variables if v != _SESSION and (s := column_roles.squeezed(v)) in aliases
        ]
        if ranked:
            found[role] = min(ranked, key=lambda pair: pair[0])[1]
    if _SESSION in variables:
        found.setdefault("participant", _SESSION)
    return found


def _fill_participant(names: list[dict[NameRole, str]]) -> None:
    """A file is of one person: where only some trials name them, the others have the same."""
    people = {name["participant"] for name in names if name.get("participant")}
    if len(people) == 1:
        for name in names:
            name["participant"] = next(iter(people))


def _named(variables: Sequence[str], wanted: str, role: str, name: str) -> str:
    found = next((v for v in variables if v == wanted), None)
    found = found or next((v for v in variables if v.casefold() == wanted.strip().casefold()), None)
    if found is None:
        raise ReadError(
            f"{name}: no trial has a variable {wanted!r} ({SETTING(role)}), which '!V TRIAL_VAR {wanted} ...' would give. "
            f"The variables are: {listed(map(repr, variables), 20)}."
        )
    return found


def _names(values: Sequence[str], index: Ints) -> Names:
    different = Names.of(values)
    return Names(different.codes[index], different.names)
