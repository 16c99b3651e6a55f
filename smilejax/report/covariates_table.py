"""The covariates of a stimulus table by class."""

from smilejax.evaluation.study.covariate_results import CovariateOfClass, CovariateResult
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.report.formatting import DASH, number, p_value, significant
from smilejax.report.page_parts import Block, Points, Table

MOST_WORDS = 6
"""Words of a covariate that a cell lists, the commonest first (our choice)."""


def covariate_blocks(results: StudyResults) -> list[Block]:
    """What a stimulus table says of the classes, and what of it was left out; empty where none was given."""
    table = results.about.stimulus_table
    if table is None:
        return []
    names = results.class_names
    rows = tuple(
        (one.name, *(_cell(one.classes[name]) for name in names), _difference(one), _p(one))
        for one in results.covariates
    )
    note = (
        "Over the stimuli of the labelled trials that were kept. Numbers: mean ± standard deviation (least to greatest); "
        f"difference: {names[1]} minus {names[0]} in standard deviations (Hedges' g). Words: number of stimuli; difference: "
        "Cramér's V, 0 to 1, corrected for chance. Separated: class follows from the covariate for every stimulus. p: "
        "permutation test over stimuli, of each covariate on its own."
    )
    head = ("covariate", *(f"{name} ({_stimuli(results, name)})" for name in names), "difference", "p")
    blocks: list[Block] = [
        Table(f"Covariates of the stimuli by class, from {table.name}", head, rows, text_columns=(0, 1, 2), note=note)
    ]
    return [*blocks, Points(table.notes)] if table.notes else blocks


def _stimuli(results: StudyResults, name: str) -> str:
    count = max((one.classes[name].stimuli for one in results.covariates), default=0)
    return f"{count} {'stimulus' if count == 1 else 'stimuli'}"


def _cell(part: CovariateOfClass) -> str:
    if part.words:
        listed = [f"{word}: {count}" for word, count in part.words.items()]
        rest = [f"{len(listed) - MOST_WORDS} more"] if len(listed) > MOST_WORDS else []
        return ", ".join([*listed[:MOST_WORDS], *rest])
    if part.mean is None:
        return DASH
    if part.low == part.high:
        return f"{significant(part.mean)} (every stimulus)"
    spread = "" if part.sd is None else f" ± {significant(part.sd)}"
    return f"{significant(part.mean)}{spread} ({significant(part.low)} to {significant(part.high)})"


def _difference(one: CovariateResult) -> str:
    found = []
    if one.standardised_difference is not None:
        found.append(number(one.standardised_difference, 2))
    if one.cramers_v is not None:
        found.append(f"V = {number(one.cramers_v, 2)}")
    found += ["separated"] if one.separated else []
    found += ["none: one value"] if one.constant else []
    return ", ".join(found) or DASH


def _p(one: CovariateResult) -> str:
    return DASH if one.p is None else p_value(one.p)
