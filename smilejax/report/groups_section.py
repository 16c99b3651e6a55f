"""Participants and stimuli one by one."""

from smilejax._util.natural_order import natural_order
from smilejax._util.number_text import known
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import GroupResult
from smilejax.report.formatting import count, number, percent
from smilejax.report.page_parts import Blocks, Section, Table, Words


def _missing(record: StudyRecord) -> str:
    results = record.results
    return "" if results.participants or results.stimuli else "neither participants nor stimuli were recorded."


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    words = Words(
        "How the trials of each participant and of each stimulus were classified, mean over seeds. Each has few trials, so "
        "that most of the differences between them are sampling error."
    )
    groups = (("participant", "Participants", results.participants), ("stimulus", "Stimuli", results.stimuli))
    tables = tuple(_table(rows, one, many, results.class_names) for one, many, rows in groups if rows)
    absent = tuple(Words(f"{many} were not recorded.") for _, many, rows in groups if not rows)
    return (words, *tables, *absent)


GROUPS = Section("groups", "Participants and stimuli", "Participants, stimuli", _blocks, _missing)


def _table(rows: tuple[GroupResult, ...], one: str, many: str, names: tuple[str, str]) -> Table:
    """Accuracy comes first, so that a phone shows it. Balanced accuracy only where somebody has trials of both classes."""
    balanced = any(known(row.balanced_accuracy) for row in rows)
    head = [one, "accuracy", *(["balanced accuracy"] if balanced else []), "trials scored"]
    head += [*(f"of {name}" for name in names), f"mean P({names[1]})", "samples valid", "trials"]
    return Table(
        many,
        tuple(head),
        tuple(
            (
                row.name,
                percent(row.accuracy),
                *([percent(row.balanced_accuracy)] if balanced else []),
                count(row.scored),
                *(count(row.scored_by_class.get(name)) for name in names),
                number(row.mean_probability),
                percent(row.proportion_valid),
                count(row.trials),
            )
            for row in sorted(rows, key=lambda row: natural_order(row.name))
        ),
        note="Balanced accuracy needs scored trials of both classes."
        if balanced
        else "Each has trials of one class only.",
    )
