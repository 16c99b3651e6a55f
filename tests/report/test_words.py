"""Numbers and names as text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.page_reading import value

from smilejax.report.formatting import (
    count,
    number,
    p_value,
    percent,
    points,
    points_span,
    sentence,
    setting,
    significant,
    span,
)
from smilejax.report.page_parts import thinned
from smilejax.report.permutation_section import bins
from smilejax.report.plotly_figures import embedded, pieces

HERE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (p_value(0.05), ".050"),
        (p_value(0.125), ".125"),
        (p_value(0.00012), ".0001"),
        (p_value(0.0000321), "3 × 10⁻⁵"),
        (p_value(1 / 1001), ".001"),
        (percent(0.005, 0), "0%"),
        (percent(-0.0001), "0.0%"),
        (points(0.0234), "+2.3"),
        (points(-0.0234), "−2.3"),
        (points(0.0), "0.0"),
        (span(0.5, None), "–"),
        (span(0.25, 0.5, 0), "25% to 50%"),
        (points_span(-0.156, 0.101), "−15.6 to +10.1"),
        (points_span(None, 0.101), "–"),
        (count(1234567), "1,234,567"),
        (count(27.25), "27.2"),
        (significant(0.0), "0.00"),
        (significant(-123456.0), "−123456"),
        (setting(None), "–"),
        (setting([1.5, 9.0]), "1.5, 9"),
        (setting(True), "yes"),
        (setting({"learning_rate": 1e-3, "minibatch": 16}), "learning_rate 0.001, minibatch 16"),
        (sentence("  "), ""),
        (sentence("why not?"), "Why not?"),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    assert text == wanted


@pytest.mark.parametrize("form", [number, percent, points, count, p_value, significant])
@pytest.mark.parametrize("none", [None, math.nan, math.inf])
def test_what_is_no_number_is_a_dash(form: object, none: float | None) -> None:
    assert form(none) == "–"  # type: ignore[operator]


@given(HERE)
def test_a_number_is_near_its_text(x: float) -> None:
    found = value(number(x))
    assert found is not None
    assert abs(found - x) <= 0.00051


@given(st.lists(st.one_of(st.none(), HERE)), st.data())
def test_pieces_hold_every_stretch(low: list[float | None], data: st.DataObject) -> None:
    high = data.draw(st.lists(st.one_of(st.none(), HERE), min_size=len(low), max_size=len(low)))
    there = [a is not None and b is not None for a, b in zip(low, high, strict=True)]
    found = [at for piece in pieces(low, high) for at in piece]
    wanted = [
        at for at in range(len(low)) if there[at] and ((at and there[at - 1]) or (at + 1 < len(low) and there[at + 1]))
    ]
    assert found == wanted
    assert all(piece == list(range(piece[0], piece[-1] + 1)) for piece in pieces(low, high))


@given(st.integers(0, 5000), st.integers(1, 60))
def test_thinning(rows: int, most: int) -> None:
    kept, note = thinned(rows, most=most)
    assert len(kept) <= most
    assert (len(kept) == rows) == (note == "")
    assert rows == 0 or kept[0] == 0


@given(st.lists(st.floats(0, 1), max_size=300))
def test_bars_count_every_score(scores: list[float]) -> None:
    edges, counts, width = bins(scores)
    assert sum(counts) == len(scores)
    for edge, number_of in zip(edges, counts, strict=True):
        inside = sum(edge - 1e-8 <= score <= edge + width + 1e-8 for score in scores)
        assert number_of <= inside


@given(st.text())
def test_nothing_ends_the_script_that_holds_it(text: str) -> None:
    import json

    held = embedded({"name": f"{text}</script><!--{text}"})
    assert not set("<>&") & set(held)
    assert held.isascii()
    assert json.loads(held)["name"] == f"{text}</script><!--{text}"
