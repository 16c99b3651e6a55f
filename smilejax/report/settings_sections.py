"""What was chosen, what was set, with which versions, and the command that does it again."""

from collections.abc import Iterator, Mapping
from typing import Any

from smilejax.report.formatting import DASH, count, known, p_value, percent, points, setting, several
from smilejax.report.page_parts import Block, Code, Fold, Numbers, Section, Table, Words

GROUPS = (
    ("recipe", "Cleaning", "The recipe of cleaning"),
    ("training", "Training", "Training"),
    ("study", "The study", "Seeds, folds, permutations and draws"),
)


def choice_section(numbers: Numbers) -> Section:
    """Which settings the folds chose."""
    title, choice = "Settings chosen", numbers.get("choice")
    if not choice:
        words = "There was one setting of training and nothing to choose."
        return Section("choice", title, "Choice", (Words(words),))
    words = (
        f"In each of {several(choice['folds'], 'fold')} the setting with the least loss on validation trials was taken, "
        "none of which the fold scores. The accuracies below are on the scored trials, for comparison: the best of them is no "
        "score to report, since it was picked by what is scored."
    )
    rows = tuple(_chosen(one, at) for at, one in enumerate(choice["settings"]))
    table = Table(
        "Settings, and how often each was chosen",
        ("setting", "chosen by folds", "accuracy", "difference to the first, points", "interval", "p corrected"),
        rows,
        note="Differences: corrected resampled t test over folds (Nadeau & Bengio 2003); p corrected for their number (Holm).",
    )
    return Section("choice", title, "Choice", (Words(words), table))


def _chosen(one: Numbers, at: int) -> tuple[str, ...]:
    name = setting(one["settings"]) if one["settings"] else "as asked"
    difference = one["difference"]
    if difference is None:
        return name, count(one["chosen"]), percent(one["accuracy"]), "the first" if at == 0 else DASH, DASH, DASH
    low, high = difference.get("low"), difference.get("high")
    interval = f"{points(low)} to {points(high)}" if known(low) and known(high) else DASH
    return (
        name,
        count(one["chosen"]),
        percent(one["accuracy"]),
        points(difference["mean"]),
        interval,
        p_value(difference.get("p_corrected")),
    )


def settings_section(numbers: Numbers) -> Section:
    """Every setting, and the versions."""
    about = numbers["about"]
    blocks: list[Block] = []
    versions = numbers.get("versions") or {}
    if versions:
        table = Table(
            "Versions", ("what", "version"), tuple((name, setting(one)) for name, one in versions.items()), (0, 1)
        )
        blocks.append(table)
    else:
        blocks.append(Words("The versions were not kept with these numbers."))
    source = about.get("source") or {}
    if source:
        blocks.append(Fold("The recording, as it was understood", (_source(source, about),)))
    for name, summary, caption in GROUPS:
        rows = tuple((key, setting(value)) for key, value in flat(about.get(name) or {}))
        if rows:
            blocks.append(Fold(summary, (Table(caption, ("setting", "value"), rows, (0, 1)),)))
    if vary := about.get("vary"):
        rows = tuple((key, setting(value)) for key, value in flat(vary))
        blocks.append(Fold("Settings to choose among", (Table("Varied", ("setting", "values"), rows, (0, 1)),)))
    return Section("settings", "Settings and versions", "Settings", tuple(blocks))


def _source(source: Numbers, about: Numbers) -> Table:
    rows = [("source", setting(source.get("name")), ""), ("layout", setting(source.get("layout")), "")]
    rows += [("unit", setting(about.get("unit")), ""), ("rate, Hz", setting(about.get("recorded_hz")), "")]
    rows += [(one["what"], setting(one["value"]), one["how"]) for one in source.get("findings", ())]
    return Table("The recording", ("what", "understood as", "how"), tuple(rows), (0, 1, 2))


def flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Settings within settings by their full names.

    Example:
        >>> dict(flat({"model": {"cell": "lstm"}, "batch": 16}))
        {'model.cell': 'lstm', 'batch': 16}
    """
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def command_section(numbers: Numbers) -> Section:
    """How to do it again."""
    title, command = "Do it again", numbers.get("command")
    if not command:
        return Section(
            "command", title, title, (Words("The command that made this study was not kept with its numbers."),)
        )
    words = (
        "With the same recording, versions and kind of device, this gives the same numbers; on another device, the last "
        "digits of a training can differ."
    )
    return Section("command", title, title, (Code(str(command)), Words(words)))
