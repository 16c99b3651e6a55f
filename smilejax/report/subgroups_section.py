"""Accuracy and missing data by columns that the user named, as age or sex."""

from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.evaluation.study.subgroup_results import ColumnResult, Subgroup
from smilejax.report.formatting import DASH, count, percent, span
from smilejax.report.page_parts import Blocks, Section, Table, Words

DESCRIPTIVE = (
    "This describes the trials of this study and tests nothing. Groups may differ in much else than what the column says, and "
    "the scores of small groups have wide intervals; that one group's score is higher than another's is no evidence of a "
    "difference."
)
"""What stands with every table of groups, on the page and in the terminal."""


def _missing(record: StudyRecord) -> str:
    return "" if record.results.subgroups else "no column was named for them (--by)."


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    label = results.protocol(results.verdict_protocol).label
    words = (
        f"{DESCRIPTIVE} Balanced accuracy is that of the out-of-fold predictions of the verdict's protocol ({label}); every "
        "group is classified by the same networks, which were trained on all groups."
    )
    if results.judged != "network":
        words = words.replace("the same networks, which were", "the same classifier, which was")
    return (Words(words), *(_table(one, results) for one in results.subgroups))


SUBGROUPS = Section("subgroups", "Groups of trials", "Groups of trials", _blocks, _missing)


def _table(one: ColumnResult, results: StudyResults) -> Table:
    names = results.class_names
    head = (
        *(one.column, "balanced accuracy", "interval", "trials scored", *(f"of {name}" for name in names)),
        *("participants", "trials", "trials kept", "samples valid", "samples missing", "remark"),
    )
    rows = tuple(_row(group, names) for group in one.groups)
    note = (
        "Samples valid: mean over the trials recorded, before missing samples were filled; trials that cleaning left out count "
        "as well. Interval: for other participants and, where they were recorded, other stimuli."
    )
    return Table(f"By {one.column}", head, rows, text_columns=(0, len(head) - 1), note=note)


def _row(group: Subgroup, names: tuple[str, str]) -> tuple[str, ...]:
    scores, valid = group.balanced_accuracy, group.proportion_valid
    return (
        group.name,
        DASH if scores is None else percent(scores.estimate),
        DASH if scores is None else span(scores.low, scores.high),
        count(group.scored),
        *(count(group.scored_by_class[name]) for name in names),
        count(group.participants),
        count(group.trials),
        count(group.kept),
        percent(valid),
        DASH if valid is None else percent(1 - valid),
        group.remark,
    )
