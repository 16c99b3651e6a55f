"""Folds print themselves in a line, and as a small table in a notebook."""

import jax
from helpers import made_up_designs as d

from smilejax import by_participant, hold_out, inner_validation, shuffle_trials

DATA = d.crossed(4, 6)
KEY = jax.random.key(0)


def test_repr_is_one_line() -> None:
    assert repr(by_participant(d.crossed(4, 6, rejected=[0, 1]))) == (
        "Folds(4 folds by participant; 24 trials: 16 to 18 trained on, 4 to 6 scored; leaks: each of the stimuli has one "
        "label, and the same ones are trained on and scored: recognising them is enough to classify the trial)"
    )
    folds = inner_validation(shuffle_trials(DATA, folds=4, repeats=2, key=KEY), DATA, 1 / 3, key=KEY)
    assert repr(folds).startswith(
        "Folds(8 folds in 2 repeats by shuffled trials (leaks); 24 trials: 12 trained on, 6 validated on, 6 scored; leaks"
    )
    assert repr(hold_out(DATA, 0.5, "participant-and-stimulus", key=KEY)).endswith("; does not leak)")


def test_html_has_a_row_for_each_part() -> None:
    html = by_participant(DATA)._repr_html_()
    assert html.startswith("<table>")
    assert html.count("<tr>") == 3
