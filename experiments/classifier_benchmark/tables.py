"""The tables, as Markdown."""

import numpy as np

from classifier_benchmark.aeon_scores import AEON
from classifier_benchmark.problems import CELLS
from classifier_benchmark.scores import COMBINED, NETWORK, REFERENCES, SEEDS, SINGLE, VELOCITIES
from classifier_benchmark.scores_file import Row
from classifier_benchmark.statistics import Pair, Study, adjusted, overall, pairs, scores_of
from smilejax._util.summaries import counted

EVERY_DRAW = (SINGLE, NETWORK, *REFERENCES.values(), VELOCITIES)
FIRST_DRAW = (NETWORK, COMBINED, *REFERENCES.values(), *AEON)
ALL = (SINGLE, NETWORK, COMBINED, *REFERENCES.values(), VELOCITIES, *AEON)
Scores = dict[Study, dict[str, Row]]


def show(rows: list[Row]) -> None:
    """Print all tables."""
    scores = scores_of(rows)
    every = {study: own for study, own in scores.items() if study[0] in CELLS and set(EVERY_DRAW) <= set(own)}
    first = {(name, draw): own for (name, draw), own in scores.items() if name in CELLS and draw == 0}
    others = {study: own for study, own in scores.items() if study[0] not in CELLS}
    if every:
        number = counted(len(every), "study", "studies")
        print(f"\n**Simulated studies** (balanced accuracy; {number}, mean of each kind)\n")
        table(every, EVERY_DRAW)
    if set(FIRST_DRAW) - {NETWORK, *REFERENCES.values()} & {name for own in first.values() for name in own}:
        print("\n**Simulated studies, the first draw of each kind** (-: not computed)\n")
        table(first, FIRST_DRAW)
    if others:
        print("\n**Real recordings, and series of other kinds** (-: not computed)\n")
        table(others, ALL, mean=False)
    show_overall(scores)
    show_pairs(pairs(scores))


def table(scores: Scores, columns: tuple[str, ...], mean: bool = True) -> None:
    """A row for each problem; in the last, means over the studies that have all columns with a value anywhere."""
    columns = tuple(name for name in columns if any(name in own for own in scores.values()))
    print("| problem | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for problem in dict.fromkeys(problem for problem, _ in scores):
        own = [found for (name, _), found in scores.items() if name == problem]
        print(f"| {problem} | " + " | ".join(mean_of(own, name) for name in columns) + " |")
    if mean:
        print("| all | " + " | ".join(mean_of(list(scores.values()), name, whole=True) for name in columns) + " |")


def mean_of(own: list[dict[str, Row]], name: str, whole: bool = False) -> str:
    """A mean, or "-" where there is nothing to average; with `whole`, unless all studies have a value."""
    values = [found[name].balanced_accuracy for found in own if name in found]
    return f"{np.mean(values):.3f}" if values and (len(values) == len(own) or not whole) else "-"


def show_overall(scores: Scores) -> None:
    """The network minus every other classifier, over all simulated studies that have both."""
    found = [one for name in ALL if name != NETWORK and (one := overall(scores, name)) is not None]
    if not found:
        return
    print(f"\n**The network ({SEEDS} seeds together) minus other classifiers, over simulated studies**\n")
    print("| minus | studies | difference | 95% interval | studies drawn within |\n|---|---|---|---|---|")
    for one in found:
        ends = ends_in_words(one.low, one.high)
        print(f"| {one.other} | {one.studies} | {one.estimate:+.3f} | {ends} | {one.within} |")


def show_pairs(found: list[Pair]) -> None:
    """The network minus each reference on each problem, with Holm's adjustment, and where it is below."""
    if not found:
        return
    after = adjusted(found)
    count = int(np.isfinite(after).sum())
    print(f"\n**The network minus each reference, on each problem** (p after Holm over {count} pairs)\n")
    print("| problem | " + " | ".join(f"minus {name} | p | Holm" for name in REFERENCES.values()) + " |")
    print("|---|" + "---|" * 3 * len(REFERENCES))
    by_problem: dict[str, dict[str, str]] = {}
    for pair, p in zip(found, after, strict=True):
        interval = f"{pair.estimate:+.3f} ({ends_in_words(pair.low, pair.high)})"
        by_problem.setdefault(pair.problem, {})[pair.other] = f"{interval} | {p_in_words(pair.p)} | {p_in_words(p)}"
    for problem, cells in by_problem.items():
        print(f"| {problem} | " + " | ".join(cells.get(name, "- | - | -") for name in REFERENCES.values()) + " |")
    below = [(pair, p) for pair, p in zip(found, after, strict=True) if pair.estimate < 0]
    worse = [f"{pair.problem} ({pair.other})" for pair, p in below if p <= 0.05]
    better = sum(pair.estimate > 0 and p <= 0.05 for pair, p in zip(found, after, strict=True))
    print(f"\nThe network is below a reference in {len(below)} of {len(found)} pairs:\n")
    for pair, _ in sorted(below, key=lambda one: one[0].estimate):
        print(f"- {pair.estimate:+.3f} against {pair.other}: {pair.problem}")
    where = f"{counted(len(worse), 'pair')}: {'; '.join(worse)}" if worse else "no pair"
    print(f"\nAfter Holm it is worse in {where}, and better in {counted(better, 'pair')}.")


def ends_in_words(low: float, high: float) -> str:
    """Of an interval, or "no interval"."""
    return "no interval" if np.isnan(low) else f"{low:+.3f} to {high:+.3f}"


def p_in_words(p: float) -> str:
    """Three decimals."""
    return "-" if np.isnan(p) else "< .001" if p < 0.001 else f"{p:.3f}"
