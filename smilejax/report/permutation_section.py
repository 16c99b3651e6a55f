"""The permutation test: the study's score among scores on permuted labels."""

import math

from smilejax._util.number_text import several
from smilejax.evaluation.study.score_results import NetworkPermutations, PermutationScores
from smilejax.evaluation.study.score_words import stopped_words
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.evaluation.study.verdict_in_words import FEW_PERMUTATIONS
from smilejax.report.formatting import count, p_value, percent, sentence
from smilejax.report.page_parts import Block, Blocks, Figure, Key, Section, Table, Words
from smilejax.report.plotly_figures import ONE, SHARES, PlotlyTrace, axis, spec, upright
from smilejax.report.verdict_box import permuted_span

MANY = 200
"""From so many permutations on, bars are 2.5 points wide instead of 5 (our choice)."""


def _missing(record: StudyRecord) -> str:
    test = record.results.permutation_test
    return "" if test.scores is not None else sentence(test.why_not or "no permutation was requested")


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    test = results.permutation_test.scores
    assert test is not None
    words = (
        f"Labels were permuted {test.where}, because {test.why}. For each of {several(test.test.count, 'permutation')} "
        f"{_trained(results)} was trained again on the permuted labels and scored against them. If pupils carried no "
        "information about the class, the study's own score would be no more than one draw from these permuted scores. p is "
        f"the proportion of {_proportion_of(test.test)} that are as high as the study's or higher."
    )
    if stopped := stopped_words(test.test):
        words += f" {stopped}"
    null = [score for score in test.null if score is not None]
    blocks: list[Block] = [Words(words)]
    if null:
        blocks.append(_histogram(test, null, permuted_span(results, 1)))
    else:
        blocks.append(Words("No permutation has a score, since all their runs diverged; so there is no histogram."))
    return (*blocks, _table(test, null, permuted_span(results, 1)))


def _trained(results: StudyResults) -> str:
    return "every network" if results.judged == "network" else results.the_judged


def _proportion_of(test: PermutationScores) -> str:
    return "permuted scores" if test.stopped else "scores, the study's own included,"


PERMUTATION = Section("test", "Permutation test", "Permutation test", _blocks, _missing)


def bins(scores: list[float]) -> tuple[list[float], list[int], float]:
    """Lower edges, counts and width of bars from 0 to 1. A bar includes its lower edge; the last includes 1 too.

    Example:
        >>> edges, counts, width = bins([0.5, 0.52, 0.55, 1.0])
        >>> [(round(e, 2), c) for e, c in zip(edges, counts) if c]
        [(0.5, 2), (0.55, 1), (0.95, 1)]
    """
    number_of = 40 if len(scores) >= MANY else 20
    counts = [0] * number_of
    for score in scores:
        # A score on an edge belongs above it, whatever the last bit of the product.
        counts[min(math.floor(score * number_of + 1e-9), number_of - 1)] += 1
    return [at / number_of for at in range(number_of)], counts, 1 / number_of


def _range_words(null: list[float]) -> str:
    if len(null) == 1:
        return "the permuted score"
    return "lowest to highest permuted score" if len(null) < FEW_PERMUTATIONS else "middle 95% of permuted scores"


def _histogram(test: NetworkPermutations, null: list[float], reached: str) -> Figure:
    edges, counts, width = bins(null)
    observed = test.test.observed
    used = [at for at, n in enumerate(counts) if n]
    own = f"this study: {percent(observed)}" if observed is not None else "this study has no score"
    scores = several(len(null), "permuted score")
    return Figure(
        "permutation",
        "The study among permuted labels",
        f"Bars: how many of {scores} lie in each range. Coloured line: the study's own score. Dashed: chance level.",
        f"Histogram of {scores}; {_range_words(null)}: {reached}; {own}. {test.test.at_least} of {test.test.count} "
        "are as high as the study's or higher.",
        spec(
            [_bars(edges, counts, width)],
            xaxis=axis("balanced accuracy", range=[-0.01, 1.01], **SHARES),
            yaxis=axis("permutations", dtick=math.ceil(max(counts) / 5), rangemode="tozero", hoverformat="d"),
            bargap=0.06,
            margin={"l": 8, "r": 12, "t": 30, "b": 8},
            shapes=[upright(0.5), *([] if observed is None else [upright(observed, ONE.color, "solid", 3.0)])],
            annotations=[] if observed is None else [_flag(observed, own)],
        ),
        (
            Table(
                "Permutations by their score",
                ("balanced accuracy", "permutations"),
                tuple(
                    (
                        f"{percent(edges[at])} to {'' if at == len(counts) - 1 else 'below '}{percent(edges[at] + width)}",
                        count(counts[at]),
                    )
                    for at in range(used[0], used[-1] + 1)
                ),
                note=sentence(own),
            ),
        ),
        (
            Key("permuted labels", "var(--bar)", marker="square", line=False),
            Key("this study", ONE.color, wide=3.0),
            Key("chance level", "var(--muted)", "7 4"),
        ),
        height=300,
    )


def _bars(edges: list[float], counts: list[int], width: float) -> PlotlyTrace:
    return {
        "type": "bar",
        "x": [edge + width / 2 for edge in edges],
        "y": counts,
        "width": 0.94 * width,
        "marker": {"color": "var(--bar)", "line": {"width": 0}},
        "hovertemplate": "%{y} near %{x:.1%}<extra></extra>",
    }


def _flag(observed: float, text: str) -> PlotlyTrace:
    """Words above a line, on the side where there is room."""
    return {
        "x": observed,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "right" if observed > 0.75 else "left" if observed < 0.25 else "center",
        "showarrow": False,
        "text": f"<b>{text}</b>",
        "font": {"color": ONE.color, "size": 12},
    }


def _table(test: NetworkPermutations, null: list[float], reached: str) -> Table:
    distinct = "more than 9 × 10¹⁵" if test.distinct is None else f"{test.distinct:,}"
    mean = [("mean of the permuted scores", percent(test.test.null_mean))] if len(null) > 1 else []
    spread = [(_range_words(null), reached)] if null else []
    rows = (
        ("p", p_value(test.test.p)),
        ("balanced accuracy of the study, same seeds", percent(test.test.observed)),
        ("permutations used", count(test.test.count)),
        *_rule(test.test),
        ("permutations that scored as high or higher", count(test.test.at_least)),
        *mean,
        *spread,
        ("permutations that diverged, counted as higher", count(test.test.diverged)),
        ("distinct label permutations that the design allows", distinct),
        (
            "smallest p that the design allows (with every permutation that exists)",
            p_value(test.test.design_smallest_p),
        ),
        ("smallest attainable p of this test (with the permutations at most)", p_value(test.test.smallest_p)),
        ("seeds of each permutation", count(test.seeds)),
        ("runs", count(test.runs)),
        ("runs that diverged", count(test.diverged_runs)),
    )
    return Table("The permutation test in numbers", ("quantity", "value"), rows)


def _rule(test: PermutationScores) -> list[tuple[str, str]]:
    """When the test would have stopped; nothing where it never stops early."""
    if not test.stop_after:
        return []
    return [
        ("permutations at most", count(test.most)),
        ("permutations scoring as high at which the test stops", count(test.stop_after)),
    ]
