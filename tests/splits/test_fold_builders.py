"""Folds keep apart what they promise, score everyone once, and come out the same from the same key."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, permutations, product
from typing import Any

import jax
import numpy as np
import pytest
from helpers import made_up_designs as d
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import DataError, SettingsError
from smilejax.splits import (
    Folds,
    by_participant,
    by_participant_and_stimulus,
    by_smiler,
    by_stimulus,
    check_folds,
    hold_out,
    hold_out_trials,
    inner_validation,
    shuffle_trials,
)
from smilejax.splits.assignment import (
    SplitUnits,
    assign_to_blocks,
    assign_units_to_blocks,
    generator,
    hold_out_units,
    pick_units,
)

KEY = jax.random.key(7)
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

# Every way to split; an entry here is tested by being here.
BUILDERS: dict[str, Callable[..., Folds]] = {
    "shuffled": lambda data, key: shuffle_trials(data, folds=3, repeats=2, key=key),
    "shuffled, unstratified": lambda data, key: shuffle_trials(data, folds=2, stratified=False, key=key),
    "participants": lambda data, key: by_participant(data),
    "participants, assigned": lambda data, key: by_participant(data, folds=2, repeats=3, key=key),
    "participants, unstratified": lambda data, key: by_participant(data, folds=2, stratified=False, key=key),
    "stimuli": lambda data, key: by_stimulus(data),
    "stimuli, assigned": lambda data, key: by_stimulus(data, folds=2, repeats=2, key=key),
    "smilers": lambda data, key: by_smiler(data),
    "participant-and-stimulus": lambda data, key: by_participant_and_stimulus(data),
    "both, assigned": lambda data, key: by_participant_and_stimulus(
        data, participant_blocks=2, stimulus_blocks=2, repeats=2, key=key
    ),
    "both, participants assigned": lambda data, key: by_participant_and_stimulus(
        data, participant_blocks=2, repeats=2, key=key
    ),
    "both, stimuli assigned": lambda data, key: by_participant_and_stimulus(data, stimulus_blocks=2, key=key),
    "participants held out": lambda data, key: hold_out(data, 0.3, "participant", repeats=3, key=key),
    "stimuli held out": lambda data, key: hold_out(data, 0.3, "stimulus", repeats=2, key=key),
    "smilers held out": lambda data, key: hold_out(data, 0.3, "smiler", repeats=2, key=key),
    "both held out": lambda data, key: hold_out(data, 0.3, "participant-and-stimulus", repeats=2, key=key),
    "trials held out": lambda data, key: hold_out_trials(data, 0.3, repeats=2, key=key),
}
RANDOM = sorted(BUILDERS.keys() - {"participants", "stimuli", "smilers", "participant-and-stimulus"})
REGULAR = d.crossed(6, 8)


@pytest.mark.parametrize("name", BUILDERS)
@QUICK
@given(design=d.designs(), order=st.randoms(use_true_random=False))
def test_every_split_keeps_its_promise_on_any_design(name: str, design: Any, order: Any) -> None:
    data = d.dataset(*design)
    try:
        folds = BUILDERS[name](data, KEY)
    except (DataError, SettingsError):
        return  # that designs are not refused without need is tested below
    assert d.faults(folds, data) == []
    assert folds.leaky == bool(folds.why_leaky)
    assert len(set(folds.names)) == len(folds) == len(folds.repeat)
    assert not folds.validation.any()
    rows = list(range(len(data)))
    order.shuffle(rows)
    again = BUILDERS[name](d.take(data, rows), KEY)
    assert again.names == folds.names
    if folds.apart:
        np.testing.assert_array_equal(again.test, folds.test[:, rows])
        np.testing.assert_array_equal(again.train, folds.train[:, rows])
    else:  # trials alike in all that is known may change places
        assert _kinds(again.test, d.take(data, rows)) == _kinds(folds.test, data)


def _kinds(masks: np.ndarray, data: Any) -> list[list[tuple[int, ...]]]:
    known = np.stack([data.participant, data.stimulus, data.smiler, data.y], axis=1)
    return [sorted(map(tuple, known[mask].tolist())) for mask in masks]


@pytest.mark.parametrize("name", BUILDERS)
def test_a_regular_design_is_never_refused(name: str) -> None:
    folds = BUILDERS[name](REGULAR, KEY)
    assert d.faults(folds, REGULAR) == []
    with pytest.raises(ValueError, match="read-only"):
        folds.train[0, 0] = True


@QUICK
@given(design=d.designs())
def test_leaving_out_one_is_refused_only_where_a_class_would_be_missing(design: Any) -> None:
    data = d.dataset(*design)
    usable, y = d.scorable(data), np.asarray(data.y)
    who, what = np.asarray(data.participant), np.asarray(data.stimulus)
    plans = {
        by_participant: [({i for i in usable if who[i] == p}, set()) for p in sorted({who[i] for i in usable})],
        by_stimulus: [({i for i in usable if what[i] == s}, set()) for s in sorted({what[i] for i in usable})],
        by_participant_and_stimulus: [
            (
                {i for i in usable if who[i] == p and what[i] == s},
                {i for i in usable if (who[i] == p) != (what[i] == s)},
            )
            for p, s in sorted({(who[i], what[i]) for i in usable})
        ],
    }
    for builder, plan in plans.items():
        training = [set(usable) - test - unused for test, unused in plan]
        if all({y[i] for i in rows} == {0, 1} for rows in training):
            folds = builder(data)
            assert [set(np.flatnonzero(mask)) for mask in folds.test] == [test for test, _ in plan]
            assert [set(np.flatnonzero(mask)) for mask in folds.train] == training
        else:
            with pytest.raises(DataError, match=r"training needs trials of both classes|needs at least two"):
                builder(data)


@pytest.mark.parametrize("name", RANDOM)
def test_the_key_settles_the_draw(name: str) -> None:
    def tests(seed: int) -> bytes:
        return BUILDERS[name](REGULAR, jax.random.key(seed)).test.tobytes()

    assert tests(1) == tests(1)
    assert len({tests(seed) for seed in range(12)}) > 3


def test_repeats_differ_and_do_not_depend_on_their_number() -> None:
    few, many = (by_participant(REGULAR, folds=3, repeats=n, key=KEY) for n in (2, 10))
    np.testing.assert_array_equal(many.test[:6], few.test)
    partitions = {frozenset(mask.tobytes() for mask in many.test[many.repeat == r]) for r in range(10)}
    assert len(partitions) > 3
    assert many.times_scored == 10
    assert many.repeat.tolist() == [r for r in range(10) for _ in range(3)]


@pytest.mark.parametrize("name", RANDOM)
def test_every_repeat_is_another_draw(name: str) -> None:
    folds = BUILDERS[name](d.crossed(9, 12), KEY)
    partitions = {
        frozenset(mask.tobytes() for mask in folds.test[folds.repeat == r]) for r in set(folds.repeat.tolist())
    }
    assert len(partitions) == len(set(folds.repeat.tolist()))


def test_names_say_which_fold() -> None:
    data = d.crossed(4, 8)
    assert by_participant(data).names == ("P00", "P01", "P02", "P03")
    assert by_stimulus(data).names[7] == "S07"
    assert by_smiler(data).names[3] == "smiler 03"
    assert by_participant_and_stimulus(data).names[31] == "P03 x S07"
    assert by_participant(data, folds=2, repeats=2, key=KEY).names[-1] == "repeat 2, fold 2"
    assert by_participant(data, folds=2, key=KEY).names == ("fold 1", "fold 2")
    blocks = by_participant_and_stimulus(data, participant_blocks=2, stimulus_blocks=4, key=KEY)
    assert blocks.names[-1] == "participants 2 x stimuli 4"
    mixed = by_participant_and_stimulus(data, stimulus_blocks=2, repeats=2, key=KEY)
    assert mixed.names[-1] == "repeat 2, P03 x stimuli 2"
    assert hold_out(data, 0.5, repeats=2, key=KEY).names == ("repeat 1", "repeat 2")


@pytest.mark.parametrize(
    ("build", "scheme", "apart", "times"),
    [
        ("shuffled", "shuffled trials (leaks)", (), 2),
        ("participants", "participant", ("participant",), 1),
        ("participants, assigned", "participant", ("participant",), 3),
        ("stimuli", "stimulus", ("stimulus",), 1),
        ("stimuli, assigned", "stimulus", ("stimulus", "smiler"), 2),
        ("smilers", "smiler", ("smiler",), 1),
        ("participant-and-stimulus", "participant-and-stimulus", ("participant", "stimulus"), 1),
        ("both, assigned", "participant-and-stimulus", ("participant", "stimulus", "smiler"), 2),
        ("participants held out", "hold-out participants", ("participant",), None),
        ("stimuli held out", "hold-out stimuli", ("stimulus", "smiler"), None),
        ("smilers held out", "hold-out smilers", ("smiler",), None),
        ("both held out", "hold-out participants and stimuli", ("participant", "stimulus", "smiler"), None),
        ("trials held out", "hold-out trials (leaks)", (), None),
    ],
)
def test_what_was_done_is_said(build: str, scheme: str, apart: tuple[str, ...], times: int | None) -> None:
    folds = BUILDERS[build](REGULAR, KEY)
    assert (folds.scheme, folds.apart, folds.times_scored) == (scheme, apart, times)


def test_leaks_are_stated_where_the_labels_make_them() -> None:
    on_stimuli = REGULAR
    on_participants = replace(REGULAR, y=REGULAR.participant % 2)
    alone = d.dataset([0, 1, 0, 1, 0, 1], range(6))
    assert shuffle_trials(on_stimuli, key=KEY).why_leaky.startswith("trials are divided one by one, so that the same")
    assert by_participant(on_stimuli).why_leaky == (
        "each of the stimuli has one label, and the same ones are trained on and scored: "
        "recognising them is enough to classify the trial"
    )
    assert hold_out(on_stimuli, 0.3, key=KEY).leaky
    assert not by_participant(on_participants).leaky
    assert not by_participant(alone).leaky
    assert by_stimulus(on_participants).why_leaky.startswith("each of the participants has one label")
    assert not by_stimulus(on_stimuli).leaky
    assert not by_smiler(on_stimuli).leaky
    assert not by_participant_and_stimulus(on_stimuli).leaky
    assert not by_participant_and_stimulus(on_participants).leaky


# --- Dealing and picking -----------------------------------------------------------------------------------------------


@QUICK
@given(design=d.designs())
def test_blocks_of_stimuli_hold_both_classes_where_they_can(design: Any) -> None:
    y, participant, stimulus, _, rejected = design
    data = d.dataset(np.where(y < 0, -1, stimulus % 2), participant, stimulus, None, rejected)
    try:
        folds = by_stimulus(data, folds=2, key=KEY)
    except (DataError, SettingsError):
        return
    rows = d.scorable(data)
    stimuli = {int(stimulus[i]) for i in rows}
    for k in (0, 1):
        with_class = sum(any(folds.test[f, i] and stimulus[i] % 2 == k for i in rows) for f in range(2))
        assert with_class == min(2, sum(s % 2 == k for s in stimuli))


def test_whole_smilers_are_assigned() -> None:
    folds = by_participant_and_stimulus(REGULAR, stimulus_blocks=4, key=KEY)
    for mask in folds.test:
        smilers = np.asarray(REGULAR.smiler)[mask]
        assert sorted(np.asarray(REGULAR.stimulus)[mask]) == sorted({2 * smilers[0], 2 * smilers[0] + 1})
    unknown = d.crossed(6, 8, smilers=False)
    assert "smiler" not in by_participant_and_stimulus(unknown, stimulus_blocks=8, key=KEY).apart
    # A stimulus that shows two people means that smilers cannot be kept whole.
    odd = replace(REGULAR, smiler=REGULAR.smiler.at[0].set(3))
    assert by_stimulus(odd, folds=2, key=KEY).apart == ("stimulus",)


def test_shuffled_folds_differ_by_one_trial_of_either_class() -> None:
    data = replace(d.crossed(5, 7), y=(d.crossed(5, 7).stimulus < 2).astype("int32"))
    folds = shuffle_trials(data, folds=4, repeats=5, key=KEY)
    for k in (0, 1):
        counts = (folds.test & (np.asarray(data.y) == k)).sum(1)
        assert counts.max() - counts.min() <= 1
    assert np.ptp(folds.test.sum(1)) <= 1
    loose = shuffle_trials(data, folds=4, repeats=20, stratified=False, key=KEY)
    assert np.ptp((loose.test & (np.asarray(data.y) == 1)).sum(1)) > 1


def test_stratified_folds_balance_participants_who_differ_and_still_vary() -> None:
    counts = np.array(
        [[9, 1], [8, 2], [1, 9], [2, 8], [5, 5], [6, 4], [4, 6], [9, 2], [2, 9], [5, 4], [10, 0], [0, 10]]
    )

    def spread(stratified: bool, seed: int) -> float:
        block = assign_to_blocks(counts, 3, stratified=stratified, rng=np.random.default_rng(seed))
        return float(np.stack([counts[block == b].sum(0) for b in range(3)]).std(0).sum())

    balanced, loose = ([spread(s, seed) for seed in range(60)] for s in (True, False))
    assert np.mean(balanced) < 0.5 * np.mean(loose)
    blocks = {
        assign_to_blocks(counts, 3, stratified=True, rng=np.random.default_rng(seed)).tobytes() for seed in range(60)
    }
    assert len(blocks) == 60


class Scripted(np.random.Generator):
    """A generator that permutes as it is told to."""

    def __init__(self, *orders: tuple[int, ...]) -> None:
        super().__init__(np.random.PCG64(0))
        self.orders = list(orders)

    def permutation(self, n: Any) -> np.ndarray:  # type: ignore[override]
        order = np.array(self.orders.pop(0))
        assert len(order) == n
        return order


def test_balanced_blocks_are_as_likely_for_labels_exchanged_within_them() -> None:
    """What a permutation test within blocks rests on, for every order in which five units can be assigned."""
    trials = np.array([3, 1, 4, 2, 5])  # of each unit
    labellings = [y for y in product((0, 1), repeat=5) if sum(y) == 2]
    times: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    for y, order, tie in product(labellings, permutations(range(5)), permutations(range(2))):
        counts = np.stack([trials * (1 - np.array(y)), trials * np.array(y)], 1)
        units = SplitUnits(np.arange(5), tuple("abcde"), counts)
        block = assign_units_to_blocks(units, "stimulus", 2, stratified="stimulus", rng=Scripted(order, tie))
        times[y, tuple(block.tolist())] += 1
    exchanged = 0
    for (y, block), i, j in product(list(times), range(5), range(5)):
        if block[i] == block[j] and y[i] != y[j]:
            other = [y[{i: j, j: i}.get(k, k)] for k in range(5)]
            assert times[tuple(other), block] == times[y, block]
            exchanged += 1
    assert exchanged > 100


@QUICK
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 12), stratified=st.booleans())
def test_no_block_is_empty(seed: int, n: int, stratified: bool) -> None:
    rng = np.random.default_rng(seed)
    counts = np.maximum(rng.integers(0, 9, (n, 2)), [[1, 0]])
    for blocks in range(1, n + 1):
        block = assign_to_blocks(counts, blocks, stratified=stratified, rng=rng)
        assert set(block.tolist()) == set(range(blocks))


@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3, 0.5, 0.9])
@pytest.mark.parametrize("stratified", [True, False])
def test_a_share_is_picked_in_proportion_and_every_unit_as_often(share: float, stratified: bool) -> None:
    counts = np.array([[3, 0]] * 6 + [[0, 3]] * 3 + [[2, 2]] * 3)
    n = min(max(1, round(share * 12)), 11)
    times = np.zeros(12)
    for seed in range(400):
        picked = pick_units(counts, share, stratified=stratified, rng=np.random.default_rng(seed))
        assert picked.sum() == n
        times += picked
        if stratified:
            for kind, size in ((slice(0, 6), 6), (slice(6, 9), 3), (slice(9, 12), 3)):
                assert abs(picked[kind].sum() - n * size / 12) < 1
    # Within a kind all units are alike; 5 standard deviations of the difference from what is expected.
    for kind in (slice(0, 6), slice(6, 9), slice(9, 12)) if stratified else (slice(0, 12),):
        p = times[kind].mean() / 400
        assert np.abs(times[kind] / 400 - p).max() <= 5 * math.sqrt(p * (1 - p) / 400) + 1e-9


def test_the_one_draw_that_leaves_both_classes_is_found() -> None:
    """Of eight participants only the last four see posed smiles and only the first four genuine ones, but one sees both."""
    y = [1] * 7 + [0, 1]
    data = d.dataset(y, [0, 1, 2, 3, 4, 5, 6, 7, 7], range(9))
    usable = [set(c) for c in combinations(range(8), 2) if 7 not in c]
    seen = set()
    for seed in range(30):
        folds = hold_out(data, 0.25, stratified=False, key=jax.random.key(seed))
        held = set(np.asarray(data.participant)[folds.test[0]].tolist())
        assert held in usable
        seen.add(frozenset(held))
    assert len(seen) > 8
    design = d.dataset([0, 1], [0, 1])
    with pytest.raises(
        DataError, match=r"hold-out participants: .* no draw with a proportion of 0\.5 of 2 participants gives"
    ):
        hold_out(design, 0.5, key=KEY)


def test_draws_for_different_purposes_differ() -> None:
    first, second, third = (generator(KEY, *path).random() for path in (("a",), ("b",), ("a", 1)))
    assert len({first, second, third}) == 3
    assert generator(KEY, "a").random() == first


# --- Validation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILDERS)
@QUICK
@given(design=d.designs(), share=st.sampled_from([0.1, 0.3, 0.5]))
def test_validation_comes_out_of_training_by_the_same_groups(name: str, design: Any, share: float) -> None:
    data = d.dataset(*design)
    try:
        folds = BUILDERS[name](data, KEY)
        divided = inner_validation(folds, data, share, key=KEY)
    except (DataError, SettingsError):
        return
    assert d.faults(divided, data) == []
    np.testing.assert_array_equal(divided.test, folds.test)
    gone = folds.train & ~divided.train & ~divided.validation
    assert not np.any((divided.train | divided.validation) & ~folds.train)
    assert divided.validation.any(1).all()
    if "participant" not in folds.apart or len(folds.apart) == 1:
        assert not gone.any()
    else:  # left out are the trials with one of the two, which would tell validation from training by a face or a person
        who, what = np.asarray(data.participant), np.asarray(data.stimulus)
        for f in range(len(folds)):
            people, stimuli = set(who[divided.validation[f]]), set(what[divided.validation[f]])
            assert not people & set(who[divided.train[f]])
            assert not stimuli & set(what[divided.train[f]])


def test_validation_of_a_regular_design() -> None:
    folds = inner_validation(by_participant_and_stimulus(REGULAR), REGULAR, 0.4, key=KEY)
    # Of 5 other participants 2 are drawn, of 7 other stimuli 3: validated on are 2 x 3 trials, trained on 3 x 4.
    assert set(folds.validation.sum(1)) == {6}
    assert set(folds.train.sum(1)) == {12}
    again = inner_validation(by_participant_and_stimulus(REGULAR), REGULAR, 0.4, key=KEY)
    other = inner_validation(by_participant_and_stimulus(REGULAR), REGULAR, 0.4, key=jax.random.key(8))
    assert np.array_equal(folds.validation, again.validation)
    assert not np.array_equal(folds.validation, other.validation)
    # Folds that leave out stimuli of one participant draw anew among the same other participants.
    who = np.asarray(REGULAR.participant)
    assert len({frozenset(who[mask].tolist()) for mask in folds.validation[:8]}) > 2
    shuffled = inner_validation(shuffle_trials(REGULAR, folds=4, key=KEY), REGULAR, 0.25, key=KEY)
    assert set(shuffled.validation.sum(1)) == {9}
    with pytest.raises(
        SettingsError, match="folds must have no validation trials yet; those by participant-and-stimulus have 288"
    ):
        inner_validation(folds, REGULAR, key=KEY)


def test_validation_without_room_is_refused() -> None:
    folds = by_participant(d.crossed(2, 4))
    with pytest.raises(
        DataError, match=r"fold 'P00' by participant: validation needs a trial, .* of its 4 training trials"
    ):
        inner_validation(folds, d.crossed(2, 4), key=KEY)


def test_nothing_is_cut_where_no_cut_leaves_both_classes() -> None:
    from smilejax.splits import design_of

    design = design_of(d.dataset([0, 1], [0, 1]))
    rng = np.random.default_rng(0)
    assert hold_out_units(design, design.scorable, ("participant",), 0.5, stratified=True, rng=rng) is None


# --- Refusals and speed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (
            lambda: by_stimulus(d.dataset([0, 1], [0, 1])),
            DataError,
            "splitting by stimulus needs the stimulus of every trial; 2 of 2 have none. Give the column with the stimulus",
        ),
        (
            lambda: by_participant_and_stimulus(d.dataset([0, 1], [0, 1])),
            DataError,
            "splitting by stimulus needs the stimulus of every trial; 2 of 2 have none.",
        ),
        (
            lambda: hold_out(d.crossed(3, 4, smilers=False), 0.3, "smiler", key=KEY),
            DataError,
            "splitting by smiler needs the smiler of every trial; 12 of 12 have none.",
        ),
        (
            lambda: by_participant(d.crossed(1, 4)),
            DataError,
            "splitting by participant needs at least two participants with a trial to score; there is 1. Record more",
        ),
        (
            lambda: by_smiler(d.crossed(3, 2)),
            DataError,
            "splitting by smiler needs at least two smilers with a trial to score; there is 1.",
        ),
        (
            lambda: by_participant(d.dataset([-1, -1], [0, 1])),
            DataError,
            "there must be trials that are labelled and kept; of 2, 2 are kept by the recipe and 0 labelled.",
        ),
        (
            lambda: by_participant(REGULAR, folds=7, key=KEY),
            SettingsError,
            "folds must be a whole number from 2 to 6; it is 7. There are 6 participants to assign to folds; without `folds`, "
            "one participant at a time is left out.",
        ),
        (
            lambda: by_stimulus(REGULAR, folds=8, key=KEY),
            SettingsError,
            "folds must be a whole number from 2 to 4; it is 8. There are 4 smilers to assign to folds; without",
        ),
        (
            lambda: by_participant_and_stimulus(REGULAR, stimulus_blocks=1, key=KEY),
            SettingsError,
            "stimulus_blocks must be a whole number from 2 to 4; it is 1. There are 4 smilers to assign to blocks;",
        ),
        (lambda: by_participant(REGULAR, folds=2), SettingsError, "key must be one typed JAX key; it is None."),
        (
            lambda: by_participant_and_stimulus(REGULAR, participant_blocks=2),
            SettingsError,
            "key must be one typed JAX key; it is None.",
        ),
        (
            lambda: by_participant(REGULAR, repeats=2),
            SettingsError,
            "repeats must be 1 without folds; it is 2. Leaving out one at a time gives the same folds every time:",
        ),
        (
            lambda: by_participant_and_stimulus(REGULAR, repeats=2),
            SettingsError,
            "repeats must be 1 without blocks; it is 2.",
        ),
        (
            lambda: shuffle_trials(REGULAR, folds=49, key=KEY),
            SettingsError,
            "folds must be a whole number from 2 to 48",
        ),
        (
            lambda: shuffle_trials(REGULAR, repeats=0, key=KEY),
            SettingsError,
            "repeats must be a whole number from 1 up",
        ),
        (lambda: hold_out(REGULAR, 1.0, key=KEY), SettingsError, "proportion must be above 0 and below 1; it is 1.0."),
        (
            lambda: by_participant_and_stimulus(d.crossed(3, 2, smilers=False)),
            DataError,
            "fold 'P00 x S00' by participant-and-stimulus: training needs trials of both classes; it has 2 genuine and no "
            "posed. Use more folds or blocks, so that fewer participants and stimuli are left out at once, or, where "
            "already one is, split by another scheme or record more.",
        ),
        (
            lambda: shuffle_trials(d.dataset([0, 1, 1], [0, 1, 2]), folds=2, key=KEY),
            DataError,
            "by shuffled trials (leaks): training needs trials of both classes; it has",
        ),
    ],
)
def test_refusals_state_the_rule_what_arrived_and_a_hint(build: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        build()
    assert text in str(caught.value)


def test_four_hundred_folds_take_less_than_a_second() -> None:
    data = d.crossed(20, 20)
    start = time.process_time()
    folds = by_participant_and_stimulus(data)
    assert time.process_time() - start < 1
    assert len(folds) == 400
    start = time.process_time()
    check_folds(inner_validation(folds, data, key=KEY), data)
    assert time.process_time() - start < 3
