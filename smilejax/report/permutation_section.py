"""The study among studies whose labels were permuted."""

import math
from typing import Any

from smilejax.report.formatting import count, known, p_value, percent, sentence, several, span
from smilejax.report.page_parts import Block, Figure, Key, Numbers, Section, Table, Words
from smilejax.report.plotly_figures import ONE, SHARES, axis, spec, upright
from smilejax.splits.permutations import where_permuted

MANY = 200
"""From so many permutations on, bars are 2.5 points wide instead of 5 (our choice)."""


def test_section(numbers: Numbers) -> Section:
    """The study among studies with permuted labels."""
    test, title = numbers["test"], "Test by permutation"
    if not test["done"]:
        why = sentence(test.get("why_not") or "no permutation was asked for")
        return Section("test", title, "Test", (Words(f"There was no test. {why}"),))
    where = where_permuted(test["scheme"], test["within_folds"])
    words = (
        f"Labels were permuted {where}, since {test['why']}; everything was trained again for each of "
        f"{several(test['count'], 'permutation')}, and asked for its own labels. If pupils tell nothing, the study is one of "
        "these. p is the share of them, the study included, that did as well or better."
    )
    scores = [score for score in test["null"] if known(score)]
    blocks: list[Block] = [Words(words)]
    if scores:
        blocks.append(_histogram(test, scores))
    else:
        blocks.append(Words("No permuted study has a score, so there is no histogram."))
    return Section("test", title, "Test", (*blocks, _test_table(test)))


def bins(scores: list[float]) -> tuple[list[float], list[int], float]:
    """Lower edges, counts and width of bars from 0 to 1. A bar holds its lower edge; the last holds 1 too.

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


def _histogram(test: Numbers, scores: list[float]) -> Figure:
    edges, counts, width = bins(scores)
    observed = test["observed"]
    used = [at for at, there in enumerate(counts) if there]
    span_of = range(used[0], used[-1] + 1)
    truth = f"the study: {percent(observed)}" if known(observed) else "the study itself has no score"
    return Figure(
        "permutation",
        "The study among its permutations",
        f"Bars: how many of {several(len(scores), 'permuted study', 'permuted studies')} reached each score. "
        f"{sentence(truth)} Dashed: chance.",
        f"Histogram of the balanced accuracy of {several(len(scores), 'permuted study', 'permuted studies')}, mean "
        f"{percent(test['null_mean'])}, middle 95% from {span(test['null_low'], test['null_high'])}; {truth}. "
        f"{test['at_least']} of {test['count']} did as well or better.",
        spec(
            [_bars(edges, counts, width)],
            xaxis=axis("balanced accuracy", range=[-0.01, 1.01], **SHARES),
            yaxis=axis("permuted studies", nticks=6, rangemode="tozero", hoverformat="d"),
            bargap=0.06,
            margin={"l": 8, "r": 12, "t": 30, "b": 8},
            shapes=[upright(0.5), *([upright(observed, ONE.color, "solid", 3.0)] if known(observed) else [])],
            annotations=[_flag(observed, truth)] if known(observed) else [],
        ),
        (
            Table(
                "PermutedLabels studies by score",
                ("balanced accuracy", "permuted studies"),
                tuple(
                    (
                        f"{percent(edges[at])} to {'' if at == len(counts) - 1 else 'below '}{percent(edges[at] + width)}",
                        count(counts[at]),
                    )
                    for at in span_of
                ),
                note=sentence(truth),
            ),
        ),
        (Key("permuted studies", "var(--bar)", marker="square", line=False), Key("the study", ONE.color, wide=3.0)),
        height=300,
    )


def _bars(edges: list[float], counts: list[int], width: float) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": [edge + width / 2 for edge in edges],
        "y": counts,
        "width": 0.94 * width,
        "marker": {"color": "var(--bar)", "line": {"width": 0}},
        "hovertemplate": "%{y} near %{x:.1%}<extra></extra>",
    }


def _flag(observed: float, text: str) -> dict[str, Any]:
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


def _ways(distinct: int | None) -> str:
    return "more than 9 thousand million million" if distinct is None else f"{distinct:,}"


def _test_table(test: Numbers) -> Table:
    rows = (
        ("p", p_value(test["p"])),
        ("balanced accuracy of the study", percent(test["observed"])),
        ("permutations", count(test["count"])),
        ("of these, as well or better", count(test["at_least"])),
        ("mean of the permutations", percent(test["null_mean"])),
        ("middle 95% of them", span(test["null_low"], test["null_high"])),
        ("permutations that diverged, counted as well or better", count(test["diverged"])),
        ("labellings that the design has, mirrors counted once", _ways(test["distinct"])),
        ("smallest p that the design can give", p_value(test["design_smallest_p"])),
        ("smallest p that so many permutations can give", p_value(test["smallest_p"])),
        ("seeds of each labelling", count(test["seeds"])),
        ("runs", count(test["runs"])),
        ("runs that diverged", count(test["diverged_runs"])),
    )
    return Table("The test in numbers", ("what", "value"), rows)
