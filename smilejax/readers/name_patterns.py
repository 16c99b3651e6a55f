"""Names out of texts, by patterns that a user writes: `sub-{participant}_{trial}`, and classes by `A* = fake, * = real`."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast, get_args

import numpy as np

from smilejax._util.errors import SETTING, SettingsError, listed
from smilejax.readers.given import PACKED_SUFFIXES, SUFFIXES
from smilejax.readers.samples import NameRole, Names, Samples
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

PARTS: tuple[NameRole, ...] = ("participant", "trial", "block", "stimulus", "smiler", "label")
"""Names that a pattern may find."""

KINDS = {"": r".+?", "letters": r"[^\W\d_]+", "digits": r"\d+", "word": r"[^\s_\-]+"}
"""What a part may hold, as `{label:letters}`; without a kind any text."""


@dataclass(frozen=True)
class Pattern:
    """A pattern as the user wrote it, and the regular expression it stands for."""

    text: str
    expression: re.Pattern[str]

    def parts(self, text: str) -> dict[NameRole, str] | None:
        """The names in a text, or None where it does not fit the pattern as a whole. Case does not matter."""
        found = self.expression.fullmatch(text.strip())
        return None if found is None else {cast(NameRole, k): v.strip() for k, v in found.groupdict().items()}


def compiled(text: str, setting: str) -> Pattern:
    """A pattern: `{participant}` is a name, `{}` and `*` any text, everything else stands for itself.

    Raises:
        SettingsError: a part is none of `PARTS`, stands twice, or has no such kind.
    """
    pieces, seen = [], set()
    for piece in re.split(r"(\{[^{}]*\}|\*)", text):
        if piece in ("*", "{}"):
            pieces.append(".*?")
        elif piece.startswith("{"):
            name, _, kind = piece[1:-1].partition(":")
            if name not in PARTS or kind not in KINDS or name in seen:
                raise SettingsError(
                    f"{SETTING(setting)}: {piece!r} in {text!r} is no part that is known. A part is one of "
                    f"{listed(PARTS)}, once, and may say what it holds: {listed(k for k in KINDS if k)}."
                )
            seen.add(name)
            pieces.append(f"(?P<{name}>{KINDS[kind]})")
        else:
            pieces.append(re.escape(piece))
    return Pattern(text, re.compile("".join(pieces), re.IGNORECASE | re.DOTALL))


def source_and_rule(text: str, setting: str) -> tuple[NameRole, str]:
    """`sheet: A* = fake` is the name `sheet` and the rule behind the colon.

    Raises:
        SettingsError: no name that rows have stands before a colon.
    """
    source, colon, rule = text.partition(":")
    if not colon or source.strip() not in get_args(NameRole) or not rule.strip():
        raise SettingsError(
            f"{setting}: a rule begins with the name that it reads and a colon, as in 'sheet: ...'; the names are "
            f"{listed(get_args(NameRole))}. It is {text!r}."
        )
    return cast(NameRole, source.strip()), rule.strip()


def with_names(samples: Samples, rules: tuple[str, ...]) -> Samples:
    """Samples with the names that the rules of `names_from` find. A name from a rule goes before one from a column.

    Raises:
        SettingsError: a rule is malformed, or no row has the name that it reads, or one does not fit.
    """
    for text in rules:
        source, rule = source_and_rule(text, "names_from")
        pattern = compiled(rule, "names_from")
        holder = _holder(samples, source, "names_from")
        texts = [_without_suffix(name) if source == "file" and "." not in rule else name for name in holder.names]
        found = [pattern.parts(text) for text in texts]
        for name, parts in zip(holder.names, found, strict=True):
            if parts is None and name:
                raise SettingsError(
                    f"{samples.file}: the {source} {name!r} does not fit the pattern {rule!r} (names_from). Change the "
                    "pattern, or take this one out.",
                    setting="names_from",
                )
        roles = [role for role in PARTS if any(parts and role in parts for parts in found)]
        new = {role: _renamed(holder, [(parts or {}).get(role, "") for parts in found]) for role in roles}
        said = Finding(f"names from the {source}", f"{rule}: {listed(roles)}", "given")
        samples = replace(samples, names={**samples.names, **new}, findings=(*samples.findings, said))
    return samples


def blocks_are_named(settings: ReadSettings) -> bool:
    """Whether a pattern of `names_from` finds blocks, by which trials of one name are then distinguished."""
    return any("{block" in rule for rule in settings.names_from)


def _without_suffix(name: str) -> str:
    """`sub-01` of `sub-01.csv` and of `sub-01.csv.gz`: a pattern without a point is meant for that."""
    path = PurePath(name)
    for suffixes in (PACKED_SUFFIXES, SUFFIXES):
        path = path.with_suffix("") if path.suffix.lower() in suffixes else path
    return path.as_posix()


def labelled(samples: Samples, rule_text: str | None) -> Samples:
    """Samples with the class that `label_from` gives them: the first pattern that fits a name.

    Raises:
        SettingsError: the rule is malformed, no row has the name that it reads, or a name fits no pattern.
    """
    if rule_text is None:
        return samples
    source, rule = source_and_rule(rule_text, "label_from")
    choices = choices_of(rule)
    holder = _holder(samples, source, "label_from")
    labels = []
    for name in holder.names:
        label = next(
            (label for pattern, label in choices.items() if fnmatch.fnmatchcase(name.casefold(), pattern)), None
        )
        if label is None and name:
            raise SettingsError(
                f"{samples.file}: the {source} {name!r} fits none of the patterns {listed(map(repr, choices))} (label_from). "
                "End with '* = CLASS' for all others.",
                setting="label_from",
            )
        labels.append(label or "")
    used = np.unique(holder.codes).tolist()
    counts = {label: sum(labels[i] == label for i in used) for label in dict.fromkeys(labels) if label}
    said = ", ".join(f"{label}: {n}" for label, n in counts.items())
    finding = Finding(f"class from the {source}", f"{rule} ({said} of {len(used)} names)", "given")
    names = {**samples.names, "label": _renamed(holder, labels)}
    return replace(samples, names=cast("Mapping[NameRole, Names]", names), findings=(*samples.findings, finding))


def without_effect(samples: Samples, rule_text: str | None) -> tuple[Finding, ...]:
    """The patterns of a rule of `label_from` that give no name its class: they fit none, or an earlier one fits first."""
    if rule_text is None:
        return ()
    source, rule = source_and_rule(rule_text, "label_from")
    holder = samples.names.get(source, Names.one("", 0))
    names = [holder.names[code] for code in np.unique(holder.codes).tolist() if holder.names[code]]
    patterns = list(choices_of(rule))
    fits = {p: {name for name in names if fnmatch.fnmatchcase(name.casefold(), p)} for p in patterns}
    findings, taken = [], set[str]()
    for pattern, part in zip(patterns, _written(rule), strict=True):
        if names and not fits[pattern]:
            value = f"{part!r} fits none of the names: {listed(map(repr, names), 6)}"
        elif names and fits[pattern] <= taken and pattern != "*":
            value = f"{part!r} stands after patterns that fit all its names; the first that fits gives the class: put it before"
        else:
            value = ""
        taken |= fits[pattern]
        if value:
            findings.append(Finding(f"class from the {source}", f"{value} ({SETTING.label_from})", "warning"))
    return tuple(findings)


def _written(rule: str) -> list[str]:
    """The patterns of a rule as they are written, each once."""
    written: dict[str, str] = {}
    for part in rule.split(","):
        pattern = part.partition("=")[0].strip()
        written.setdefault(pattern.casefold(), pattern)
    return list(written.values())


def choices_of(rule: str) -> dict[str, str]:
    """Casefolded patterns and their labels, in the order in which they are tried.

    Raises:
        SettingsError: a part of the rule has no pattern or no class.
    """
    choices: dict[str, str] = {}
    for part in rule.split(","):
        pattern, _, label = (piece.strip() for piece in part.partition("="))
        if not pattern or not label:
            raise SettingsError(
                f"label_from: each part is 'PATTERN = CLASS', parted by commas, as in 'A* = fake, * = real'; one is {part!r}."
            )
        choices.setdefault(pattern.casefold(), label)
    return choices


def _holder(samples: Samples, source: NameRole, setting: str) -> Names:
    if source not in samples.names:
        there = listed(samples.names) if samples.names else "none"
        raise SettingsError(
            f"{samples.file}: rows have no {source} ({setting}). The names that they have: {there}.", setting=setting
        )
    return samples.names[source]


def _renamed(holder: Names, names: list[str]) -> Names:
    found: dict[str, int] = {}
    codes = np.array([found.setdefault(name, len(found)) for name in names], np.int64)
    return Names(codes[holder.codes], tuple(found))
