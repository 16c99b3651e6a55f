"""The exact chance of a number of correct predictions for a network that predicts one class, and for coin tosses."""

import numpy as np
import pandas as pd
from scipy.stats import binom, hypergeom

from report_study.divisions import FEWER_TESTED, TESTED, TRAINED

CORRECT = {TESTED: 44, FEWER_TESTED: 22}
"""Sequences classified correctly that make 62.8571%, by the size of the test set."""


def of_constant_prediction(correct: int, tested: int, total: int, of_class: int) -> float:
    """Chance that `correct` or more of `tested` sequences are of a class, drawn from `total` with `of_class` of it."""
    return float(hypergeom.sf(correct - 1, total, of_class, tested))


def of_better_class(correct: int, tested: int, total: int, of_class: int) -> float:
    """The same for the class that is the larger one of the test set."""
    others = of_constant_prediction(correct, tested, total, total - of_class)
    both = 0.0
    if 2 * correct <= tested:  # either class alone can then be enough, and both at once
        found = np.arange(correct, tested - correct + 1)
        both = float(hypergeom.pmf(found, total, of_class, tested).sum())
    return of_constant_prediction(correct, tested, total, of_class) + others - both


def of_larger_class_in_training(correct: int, tested: int, total: int, of_class: int, trained: int) -> float:
    """The same for the class that is the larger one of the training set, which is drawn first; of two equal ones, either.

    The more of a class are in training, the fewer are left to be tested.
    """
    chance = 0.0
    for found in range(max(0, trained - total + of_class), min(trained, of_class) + 1):
        left, remain = of_class - found, total - trained
        in_rest = {True: left, False: remain - left}
        likely = [
            in_rest[larger] for larger in (True, False) if (2 * found >= trained) == larger or 2 * found == trained
        ]
        of_likely = np.mean([of_constant_prediction(correct, tested, remain, number) for number in likely])
        chance += float(hypergeom.pmf(found, total, of_class, trained) * of_likely)
    return chance


def chance_table(counts: tuple[int, int], class_names: tuple[str, str], *, trained: int = TRAINED) -> pd.DataFrame:
    """Chance of 62.8571% or more for each way to predict. `counts`: sequences of each class that are drawn from."""
    total = sum(counts)
    rows: dict[str, list[float]] = {}
    for tested, correct in CORRECT.items():
        chances = {
            f"always {class_names[0]}": of_constant_prediction(correct, tested, total, counts[0]),
            f"always {class_names[1]}": of_constant_prediction(correct, tested, total, counts[1]),
            "always the larger class of the training set": of_larger_class_in_training(
                correct, tested, total, counts[0], trained
            ),
            "always the larger class of the test set": of_better_class(correct, tested, total, counts[0]),
            "a coin for each": float(binom.sf(correct - 1, tested, 0.5)),
        }
        for prediction, chance in chances.items():
            rows.setdefault(prediction, []).append(chance)
    names = [f"{correct} of {tested} or more" for tested, correct in CORRECT.items()]
    table = pd.DataFrame([[f"{chance:.2%}" for chance in of_all] for of_all in rows.values()], columns=names)
    table.insert(0, "prediction", list(rows))
    return table
