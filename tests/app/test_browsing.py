"""Going through trials and deciding: states and what follows from them."""

from dataclasses import replace

import pytest

from smilejax._util.errors import SettingsError
from smilejax.app import browsing
from smilejax.app.browsing import Browsing, WhyExcluded


@pytest.fixture
def state() -> Browsing:
    """Six trials of two participants, shown in the order of the file."""
    made = browsing.browsing(["p1"] * 3 + ["p2"] * 3, ["a", "b", "c"] * 2)
    return replace(made, order=tuple(range(6)), row=0)


def test_trials_are_shown_by_participant_in_an_order_that_tells_nothing() -> None:
    names = [f"posed{k}" for k in range(10)] + [f"real{k}" for k in range(10)]
    first = browsing.browsing(["p2"] * 20 + ["p1"] * 20, names * 2)
    assert sorted(first.order) == list(range(40))
    assert set(first.order[:20]) == set(range(20))
    early = sum(row < 10 for row in first.order[:10])
    assert 2 <= early <= 8  # not sorted by class, as the file is
    assert first.row == first.order[0]
    assert browsing.browsing(["p2"] * 20 + ["p1"] * 20, names * 2) == first


def test_moving_ends_at_the_ends(state: Browsing) -> None:
    assert browsing.moved(state, 1).row == 1
    assert browsing.moved(state, -1).row == 0
    assert browsing.moved(state, 99).row == 5
    assert browsing.moved(browsing.moved(state, 99), -2).row == 3


def test_place_and_jump(state: Browsing) -> None:
    assert browsing.jumped(state, 4).row == 3
    assert browsing.jumped(state, 4.0).place == (4, 6)
    for wrong in (0, 7, 2.5, None, "3", float("nan"), -1):
        with pytest.raises(SettingsError, match="from 1 to 6"):
            browsing.jumped(state, wrong)


def test_a_decision_can_be_taken_back(state: Browsing) -> None:
    out = browsing.excluded(state, "  too   noisy ")
    assert out.excluded == {0: WhyExcluded("too noisy", True)}
    kept = browsing.accepted(out)
    assert (dict(kept.excluded), kept.accepted) == ({}, {0})
    again = browsing.excluded(kept, "blinks")
    assert (set(again.excluded), set(again.accepted)) == ({0}, set())


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_reason_is_needed(state: Browsing, reason: str) -> None:
    with pytest.raises(SettingsError, match="reason"):
        browsing.excluded(state, reason)


def test_seen_stays_seen(state: Browsing) -> None:
    """Hiding the class again does not make a decision blind."""
    shown = browsing.class_shown(state, True)
    hidden = browsing.class_shown(browsing.moved(shown, 1), False)
    assert hidden.seen == {0, 1}
    assert browsing.excluded(hidden, "noise").excluded[1].blind is False
    later = browsing.moved(hidden, 1)
    assert browsing.excluded(later, "noise").excluded[2].blind is True


def test_an_exclusion_made_blind_stays_blind(state: Browsing) -> None:
    out = browsing.excluded(state, "noise")
    assert browsing.class_shown(out, True).excluded[0].blind is True


def test_only_some_are_gone_through(state: Browsing) -> None:
    out = browsing.excluded(browsing.jumped(state, 5), "noise")
    only = browsing.narrowed(out, "excluded", None)
    assert (only.passed, only.row, only.place) == ((4,), 4, (1, 1))
    of_one = browsing.narrowed(out, "undecided", "p2")
    assert of_one.passed == (3, 5)
    assert of_one.row == 3
    assert browsing.narrowed(out, "all", None).row == 4


def test_a_decision_takes_a_trial_out_of_those_gone_through(state: Browsing) -> None:
    left = browsing.narrowed(state, "undecided", None)
    out = browsing.excluded(browsing.jumped(left, 3), "noise")
    assert out.place == (0, 5)
    assert browsing.moved(out, 1).row == 3
    assert browsing.moved(out, -1).row == 1
    last = browsing.excluded(browsing.jumped(left, 6), "noise")
    assert browsing.moved(last, 1).row == 4  # none is later
    first = browsing.excluded(left, "noise")
    assert browsing.moved(first, -1).row == 1


def test_nothing_left_to_go_through(state: Browsing) -> None:
    none = browsing.narrowed(state, "accepted", None)
    assert none.place == (0, 0)
    assert browsing.moved(none, 1) == none
    with pytest.raises(SettingsError):
        browsing.jumped(none, 1)


def test_those_of_a_file_replace_decisions(state: Browsing) -> None:
    kept = browsing.accepted(state)
    given = browsing.with_exclusions(kept, {0: WhyExcluded("noise", None)})
    assert (dict(given.excluded), given.accepted) == ({0: WhyExcluded("noise", None)}, set())


def test_accepted_ones_of_a_file_replace_those_before(state: Browsing) -> None:
    out = browsing.excluded(state, "noise")
    assert browsing.with_accepted(out, [0, 3, 4]).accepted == {3, 4}  # what is excluded stays so
    assert browsing.with_accepted(browsing.accepted(state), []).accepted == set()
