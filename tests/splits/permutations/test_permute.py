"""Labels are permuted among the units that carry them, all permutations equally likely, none of them twice."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import jax
import numpy as np
import pytest
from helpers import made_up_designs as d
from helpers.examples import at_most
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax import Dataset
from smilejax._util.errors import DataError, SettingsError
from smilejax.preprocess.channels import FUSED_PUPIL
from smilejax.splits import by_participant, by_participant_and_stimulus, by_stimulus
from smilejax.splits.permutations import check_classes, enumeration, permutation_scheme, permute_labels

KEY = jax.random.key(5)
QUICK = settings(
    max_examples=at_most(40), deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
# What carries a label, and what it may exchange labels within, as a plain function of (row, y, participant, stimulus, smiler).
PLAIN: dict[str, tuple[Any, Any]] = {
    "within smiler pairs": (lambda i, y, p, s, m: s, lambda i, y, p, s, m: m),
    "stimulus": (lambda i, y, p, s, m: s, lambda i, y, p, s, m: 0),
    "smiler": (lambda i, y, p, s, m: m, lambda i, y, p, s, m: 0),
    "participant": (lambda i, y, p, s, m: p, lambda i, y, p, s, m: 0),
    "within participant": (lambda i, y, p, s, m: i, lambda i, y, p, s, m: p),
    "trial": (lambda i, y, p, s, m: i, lambda i, y, p, s, m: 0),
}


def enumerated(data: Dataset, scheme: str) -> set[tuple[int, ...]]:
    """All labellings, by trying every permutation of every group."""
    unit_of, group_of = PLAIN[scheme]
    columns = (data.y, data.participant, data.stimulus, data.smiler)
    rows = list(enumerate(zip(*(np.asarray(c).tolist() for c in columns), strict=True)))
    usable = set(d.scorable(data))
    label, group = {}, {}
    for i, row in rows:
        if i in usable:
            label[unit_of(i, *row)], group[unit_of(i, *row)] = row[0], group_of(i, *row)
    groups = [[u for u in label if group[u] == g] for g in sorted(set(group.values()))]
    ways = [
        {tuple(zip(units, perm, strict=True)) for perm in permutations([label[u] for u in units])} for units in groups
    ]
    found = set()
    for choice in product(*ways):
        new = dict(pair for part in choice for pair in part)
        found.add(tuple(new[unit_of(i, *row)] if i in usable else row[0] for i, row in rows))
    return found


def up_to_mirrors(
    labellings: Iterable[Sequence[int]], usable: set[int], everything: set[tuple[int, ...]]
) -> Counter[Any]:
    """How often each comes, where one and its mirror, classes exchanged throughout, count as the same."""
    found: Counter[Any] = Counter()
    for one in map(tuple, labellings):
        mirror = tuple(1 - v if i in usable else v for i, v in enumerate(one))
        found[min(one, mirror) if mirror in everything else one] += 1
    return found


def pairs(n: int, smilers: int) -> Dataset:
    return d.crossed(n, 2 * smilers)


SMALL: dict[str, tuple[Dataset, int]] = {
    "within smiler pairs": (pairs(3, 4), 16 // 2),
    "stimulus": (d.crossed(3, 6, smilers=False), math.comb(6, 3) // 2),
    "smiler": (d.dataset([0] * 4 + [1] * 4, [0] * 8, range(8), [0, 0, 1, 1, 2, 2, 3, 3]), math.comb(4, 2) // 2),
    "participant": (d.dataset([0, 0, 0, 1, 1, 0, 0, 1], [0, 0, 0, 1, 1, 2, 3, 4]), math.comb(5, 2)),
    "within participant": (d.dataset([0, 1, 0, 1, 1, 0, 1], [0, 0, 0, 1, 1, 1, 2]), 9),
    "trial": (d.dataset([0, 1, 0, 1, 1], [-1] * 5), math.comb(5, 2)),
}


@pytest.mark.parametrize("scheme", SMALL)
def test_all_there_are_is_what_trying_every_permutation_finds(scheme: str) -> None:
    data, distinct = SMALL[scheme]
    everything = enumerated(data, scheme)
    permuted = permute_labels(data, distinct - 1, key=KEY)
    assert permuted.scheme == scheme
    truth = tuple(np.asarray(data.y).tolist())
    assert truth in everything
    found = up_to_mirrors([truth, *permuted.labels.tolist()], set(d.scorable(data)), everything)
    assert set(found) == set(up_to_mirrors(everything, set(d.scorable(data)), everything))
    assert set(found.values()) == {1}
    assert permuted.distinct == len(found) == distinct
    assert permuted.labels.dtype == np.int32


@QUICK
@given(design=d.designs(), drop=st.sampled_from(["nothing", "stimulus", "all"]))
def test_random_designs_against_trying_every_permutation(design: Any, drop: str) -> None:
    y, participant, stimulus, smiler, rejected = (a if a is None else np.asarray(a)[:7] for a in design)
    participant = np.zeros_like(y) - 1 if drop == "all" else participant
    known = drop == "nothing"
    data = d.dataset(y, participant, stimulus if known else None, smiler if known else None, rejected[rejected < 7])
    usable = d.scorable(data)
    if len({int(y[i]) for i in usable}) < 2 or permutation_scheme(data).scheme is None:
        return
    for scheme in permutation_scheme(data).allowed:
        everything = enumerated(data, scheme)
        exist = up_to_mirrors(everything, set(usable), everything)
        if len(exist) == 1:
            with pytest.raises(DataError, match="can be assigned in one way, the true one"):
                permute_labels(data, 1, scheme=scheme, key=KEY)
            continue
        permuted = permute_labels(data, len(exist) - 1, scheme=scheme, key=KEY)
        assert permuted.distinct == len(exist)
        truth = y.tolist()
        assert set(map(tuple, permuted.labels.tolist())) <= everything
        assert up_to_mirrors([truth, *permuted.labels.tolist()], set(usable), everything) == Counter(exist.keys())
        few = permute_labels(data, max(1, (len(exist) - 1) // 2), scheme=scheme, key=KEY).labels.tolist()
        assert set(up_to_mirrors([truth, *few], set(usable), everything).values()) == {1}
        assert permuted.design_smallest_p == permuted.smallest_attainable_p == 1 / len(exist)
        with pytest.raises(DataError, match=f"there are fewer than {len(exist)} permutations"):
            permute_labels(data, len(exist), scheme=scheme, key=KEY)


@pytest.mark.parametrize("scheme", SMALL)
def test_the_order_of_rows_does_not_matter(scheme: str) -> None:
    data, distinct = SMALL[scheme]
    count = max(1, distinct // 2)
    # Trials that nothing tells apart (one participant, no stimuli) may change places: given stimuli of their own, none is.
    apart = scheme in ("within participant", "trial")
    data = d.dataset(data.y, data.participant, range(len(data)) if apart else data.stimulus, data.smiler)
    if scheme == "trial":
        data = d.dataset(data.y, data.participant, None, None)
    order = np.random.default_rng(2).permutation(len(data))
    one, other = permute_labels(data, count, key=KEY), permute_labels(d.take(data, order), count, key=KEY)
    assert one.scheme == other.scheme
    if scheme != "trial":
        np.testing.assert_array_equal(other.labels, one.labels[:, order])
    assert not np.array_equal(one.labels, permute_labels(data, count, key=jax.random.key(6)).labels) or distinct < 4
    np.testing.assert_array_equal(one.labels, permute_labels(data, count, key=KEY).labels)


def test_every_labelling_is_as_likely() -> None:
    """18 labellings of six stimuli beside the truth and its mirror, and single draws from 720 keys: 40 of each are expected."""
    data = SMALL["stimulus"][0]
    keys = jax.random.split(jax.random.key(11), 720)
    drawn = Counter(tuple(permute_labels(data, 1, key=key).labels[0].tolist()) for key in keys)
    assert len(drawn) == 18
    chi2 = sum((n - 40) ** 2 / 40 for n in drawn.values())
    assert chi2 < 40.8  # 17 degrees of freedom: above this once in a thousand


@pytest.mark.parametrize(("n", "count"), [(12, 400), (80, 900)])
def test_every_stimulus_gets_each_label_as_often(n: int, count: int) -> None:
    """Numbered labellings (12 stimuli) and shuffled ones (80, more than 64 bits can number)."""
    data = d.crossed(2, n, smilers=False)
    permuted = permute_labels(data, count, key=KEY)
    assert permuted.distinct == math.comb(n, n // 2) // 2
    labels = permuted.labels[:, :n]
    np.testing.assert_array_equal(labels, permuted.labels[:, n:])
    assert (labels.sum(1) == n // 2).all()
    assert len(np.unique(np.where(labels[:, :1] == 0, labels, 1 - labels), axis=0)) == count
    assert not np.any((labels == np.asarray(data.y)[:n]).all(1))
    assert np.abs(labels.mean(0) - 0.5).max() < 4.5 * 0.5 / math.sqrt(count)
    # Two stimuli share a label with probability (n/2 - 1) / (n - 1), neighbours or not.
    alike = (labels[:, :-1] == labels[:, 1:]).mean(0)
    assert np.abs(alike - (n / 2 - 1) / (n - 1)).max() < 4.5 * 0.5 / math.sqrt(count)


def test_within_groups_too_large_to_number() -> None:
    data = d.dataset([0, 1, 1] * 40, np.repeat([0, 1, 2], 40))
    permuted = permute_labels(data, 50, key=KEY)
    y = np.asarray(data.y)
    assert permuted.scheme == "within participant"
    assert permuted.distinct == math.prod(math.comb(40, int(y[40 * p : 40 * p + 40].sum())) for p in range(3))
    sums = permuted.labels.reshape(50, 3, 40).sum(2)
    np.testing.assert_array_equal(sums, np.tile(y.reshape(3, 40).sum(1), (50, 1)))
    assert permuted.smallest_attainable_p == 1 / 51


def test_the_floor_of_five_smilers() -> None:
    """2 of 32: the truth and its mirror, which no classifier tells from it. So no p falls below that."""
    data = pairs(6, 5)
    exact = permute_labels(data, 15, key=KEY)
    assert (exact.distinct, exact.design_smallest_p, exact.smallest_attainable_p) == (16, 2 / 32, 2 / 32)
    assert permute_labels(data, 10, key=KEY).smallest_attainable_p == 1 / 11
    # Without one of the stimuli labels can no longer be exchanged throughout.
    fewer = d.crossed(6, 10, rejected=range(0, 60, 10))
    assert permutation_scheme(fewer).scheme == "within smiler pairs"
    assert permute_labels(fewer, 15, key=KEY).design_smallest_p == 1 / 16


def test_trials_without_label_or_rejected_keep_theirs() -> None:
    data = d.crossed(3, 6, rejected=[2, 9])
    data = d.dataset(np.where(np.arange(18) == 4, -1, data.y), data.participant, data.stimulus, data.smiler, [2, 9])
    labels = permute_labels(data, 3, key=KEY).labels
    assert (labels[:, 4] == -1).all()
    assert (labels[:, 2] == 0).all()
    assert (labels[:, 9] == 1).all()
    assert set(labels[:, [0, 1]].sum(1).tolist()) == {1}


# --- Which units carry labels ------------------------------------------------------------------------------------------

PEOPLE = [0, 0, 1, 1, 2, 2]
PLACES: dict[str, tuple[Dataset, str | None, str]] = {
    "videos of smilers": (
        pairs(3, 4),
        "within smiler pairs",
        "each of 8 stimuli has one label for all participants, and 4 of 4",
    ),
    "videos": (d.crossed(3, 6, smilers=False), "stimulus", "each of 6 stimuli has one label for all participants"),
    "a smiler for each video": (d.dataset([0, 1] * 3, PEOPLE, [0, 1] * 3, [0, 1] * 3), "stimulus", "each of 2 stimuli"),
    "smilers of one class": (SMALL["smiler"][0], "smiler", "and each of 4 smilers has stimuli of one class"),
    "few smilers with both": (
        d.dataset([0, 1, 0, 1, 1] * 2, [0] * 5 + [1] * 5, [0, 1, 2, 3, 4] * 2, [0, 0, 1, 2, 2] * 2),
        "stimulus",
        "and 1 of 3 smilers have stimuli of both classes",
    ),
    "smilers alone": (
        d.dataset([0, 1, 0, 1] * 2, [0] * 4 + [1] * 4, None, [0, 0, 1, 1] * 2),
        "within smiler pairs",
        "each of 4 stimuli has one label for all participants, and 2 of 2 smilers have stimuli of both classes",
    ),
    "one video for each person": (d.dataset([0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 1, 1]), "stimulus", "each of 2 stimuli"),
    "groups of people": (d.dataset([0, 0, 1, 1], [0, 0, 1, 1]), "participant", "each of 2 participants has one label"),
    "people with videos of their own": (
        d.dataset([0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 1, 2, 2]),
        "participant",
        "each of 2 participants has one label",
    ),
    "one trial each": (d.dataset([0, 1, 1], [0, 1, 2]), "participant", "each of 3 participants has one label"),
    "trials": (
        d.dataset([0, 1, 0, 1], [0, 0, 1, 1]),
        "within participant",
        "and 2 of 2 participants have trials of both classes",
    ),
    "some people with both": (
        d.dataset([0, 1, 0, 0], [0, 0, 1, 1]),
        "within participant",
        "and 1 of 2 participants have trials of both classes (labels of the others are not permuted)",
    ),
    "videos with changing labels": (
        d.dataset([0, 1, 1, 0], [0, 0, 1, 1], [0, 1, 0, 1]),
        "within participant",
        "vary from trial",
    ),
    "videos seen once": (d.dataset([0, 1, 1, 0], [0, 0, 1, 1], [0, 1, 2, 3]), "within participant", "vary from trial"),
    "nothing recorded": (d.dataset([0, 1], [-1, -1]), "trial", "a test that permutes single trials rejects too often"),
    "groups with sets of videos": (
        d.dataset([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]),
        None,
        "each of 4 stimuli and each of 4 participants has one label, and neither contains the other",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_which_units_carry_labels(name: str) -> None:
    data, scheme, words = PLACES[name]
    found = permutation_scheme(data)
    assert found.scheme == scheme
    assert words in found.why
    assert scheme is None or found.allowed[0] == scheme


@pytest.mark.parametrize(
    ("name", "scheme", "text"),
    [
        ("videos of smilers", "trial", "Use 'within smiler pairs' or 'stimulus'."),
        (
            "videos of smilers",
            "within participant",
            "'within participant' does not fit, since each of 8 stimuli has one",
        ),
        (
            "videos",
            "within participant",
            "labels must be permuted among the units that carry them; scheme 'within participant' does not fit",
        ),
        ("videos", "within smiler pairs", "Use 'stimulus'."),
        ("smilers of one class", "stimulus", "Its p would not be valid. Use 'smiler'."),
        (
            "groups of people",
            "within participant",
            "since each of 2 participants has one label. Its p would not be valid.",
        ),
        ("groups of people", "trial", "Use 'participant'."),
        ("trials", "trial", "Use 'within participant'."),
        ("trials", "participant", "Use 'within participant'."),
        ("groups with sets of videos", "trial", "Use 'stimulus' or 'participant'."),
    ],
)
def test_a_scheme_that_does_not_fit_is_refused(name: str, scheme: Any, text: str) -> None:
    with pytest.raises(DataError, match=re.escape(text)):
        permute_labels(PLACES[name][0], 1, scheme=scheme, key=KEY)


def test_confounded_groups_need_a_choice() -> None:
    data = PLACES["groups with sets of videos"][0]
    with pytest.raises(
        DataError,
        match=r"differ in participants and in stimuli at once\. Choose scheme from 'stimulus'",
    ):
        permute_labels(data, 1, key=KEY)
    assert permute_labels(data, 2, scheme="participant", key=KEY).distinct == 3


def test_another_scheme_that_the_design_allows() -> None:
    assert permute_labels(pairs(3, 4), 34, scheme="stimulus", key=KEY).distinct == 35


@pytest.mark.parametrize("repeats", [1, 2])
def test_within_what_is_held_out_together_against_trying_every_labelling(repeats: int) -> None:
    """Six people, eight stimuli of unknown smilers in two blocks, some cells empty; with two repeats, blocks of both."""
    dataset = _eight_stimuli()
    folds = by_participant_and_stimulus(
        dataset, participant_blocks=3, stimulus_blocks=2, repeats=repeats, stratified="stimulus", key=KEY
    )
    stimulus, y = np.asarray(dataset.stimulus), np.asarray(dataset.y)
    label = {int(s): int(y[stimulus == s][0]) for s in np.unique(stimulus)}
    block = {s: tuple(_block_of(folds, stimulus == s)) for s in label}
    exist = set()
    for drawn in product((0, 1), repeat=len(label)):
        new = dict(zip(label, drawn, strict=True))
        same = all(
            sum(new[s] for s in label if block[s] == b) == sum(label[s] for s in label if block[s] == b)
            for b in set(block.values())
        )
        if same:
            exist.add(drawn)
    labelled = set(range(len(label)))
    different = up_to_mirrors(exist, labelled, exist)
    found = permute_labels(dataset, len(different) - 1, folds=folds, key=KEY)
    assert found.within_folds
    assert found.distinct == len(different)
    first = [int(np.flatnonzero(stimulus == s)[0]) for s in label]
    with_truth = [tuple(label.values()), *found.labels[:, first].tolist()]
    assert up_to_mirrors(with_truth, labelled, exist) == Counter(different.keys())
    with pytest.raises(DataError, match="exchanged among those that a fold holds out together, can be assigned in"):
        permute_labels(dataset, len(different), folds=folds, key=KEY)


def _block_of(folds: Any, mine: np.ndarray) -> list[str]:
    """Which block of stimuli holds these trials, in each repeat, by the names of folds."""
    there = [name for name, test in zip(folds.names, folds.test, strict=True) if (test & mine).any()]
    return sorted({name.rsplit(" x ", 1)[-1] + name.split(",")[0] * (name.startswith("repeat")) for name in there})


def _eight_stimuli() -> Dataset:
    rng = np.random.default_rng(3)
    rows = [(p, s) for p in range(6) for s in range(8) if rng.random() < 0.75]
    people, stimuli = (np.array(v, np.int32) for v in zip(*rows, strict=True))
    n = len(rows)
    return Dataset(
        x=jax.numpy.zeros((n, 3, 1)),
        valid=jax.numpy.ones((n, 3), bool),
        y=jax.numpy.asarray(stimuli % 2),
        participant=jax.numpy.asarray(people),
        stimulus=jax.numpy.asarray(stimuli),
        smiler=jax.numpy.full(n, -1, jax.numpy.int32),
        proportion_valid=jax.numpy.ones(n),
        status=jax.numpy.zeros(n, jax.numpy.int32),
        channels=(FUSED_PUPIL,),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


def test_folds_of_other_trials_are_refused() -> None:
    with pytest.raises(DataError, match="must have masks of"):
        permute_labels(_eight_stimuli(), 1, folds=by_participant(take_first(_eight_stimuli(), 20)), key=KEY)


def take_first(dataset: Dataset, n: int) -> Dataset:
    names = ("x", "valid", "y", "participant", "stimulus", "smiler", "proportion_valid", "status")
    return replace(dataset, **{name: getattr(dataset, name)[:n] for name in names})


def test_more_than_exist() -> None:
    with pytest.raises(DataError) as caught:
        permute_labels(pairs(3, 5), 1000, key=KEY)
    assert str(caught.value) == (
        "there are fewer than 1000 permutations: by scheme 'within smiler pairs' the labels of 10 stimuli of 5 smilers can be "
        "assigned in 16 ways, one of them the true one (exchanging the two classes throughout does not count as another). "
        "Take at most 15, which is all of them and gives a smallest attainable p of 0.0625, or record more smilers."
    )
    with pytest.raises(
        DataError, match=r"of 7 trials of 3 participants can be assigned in 9 ways, .* at most 8, .* p of 0\.111"
    ):
        permute_labels(SMALL["within participant"][0], 9, key=KEY)


def test_senseless_requests_are_refused() -> None:
    data = pairs(2, 3)
    with pytest.raises(SettingsError, match="count must be a whole number from 1 up; it is 0"):
        permute_labels(data, 0, key=KEY)
    with pytest.raises(SettingsError, match="key must be one typed JAX key; it is uint32"):
        permute_labels(data, 1, key=jax.random.PRNGKey(0))
    with pytest.raises(DataError, match="needs trials of both classes; all 2 that can be scored are genuine"):
        permute_labels(d.dataset([1, 1, -1], [0, 1, 2]), 1, key=KEY)


def test_a_fold_without_a_class_under_some_permutation_is_found() -> None:
    data = d.crossed(3, 4, smilers=False)
    permuted = permute_labels(data, 2, key=KEY)
    check_classes(by_participant(data), permuted)
    halves = by_stimulus(data, folds=2, key=KEY)
    bad = [
        (r, f) for f in range(2) for r in range(2) if len({int(v) for v in permuted.labels[r][halves.train[f]]}) == 1
    ]
    assert bad
    row, fold = bad[0]
    text = (
        f"training needs trials of both classes under every permutation; in {len({r for r, _ in bad})} of 2 some fold has one "
        f"class only, first fold 'fold {fold + 1}' by stimulus in permutation {row}: all its 6 training trials are class "
    )
    mirrored = replace(permuted, labels=1 - permuted.labels)
    left = int(permuted.labels[row][halves.train[fold]][0])
    for one, k in ((permuted, left), (mirrored, 1 - left)):
        with pytest.raises(DataError, match=re.escape(f"{text}{k}. Leave out less")):
            check_classes(halves, one)
    # Whole smilers hold both classes however their labels are swapped.
    whole = pairs(3, 4)
    blocks = by_participant_and_stimulus(whole, participant_blocks=3, stimulus_blocks=2, key=KEY)
    check_classes(blocks, permute_labels(whole, 7, key=KEY))


@pytest.mark.parametrize("seed", range(20))
def test_units_held_out_together_are_connected_components(seed: int) -> None:
    """As SciPy finds them, where many folds overlap, and where chains of units must be followed to their end."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(seed)
    count, folds, edges = int(rng.integers(1, 30)), int(rng.integers(1, 30)), int(rng.integers(0, 60))
    unit, fold = rng.integers(0, count, edges), rng.integers(0, folds, edges)
    together = coo_array((np.ones(edges), (unit, count + fold)), shape=(count + folds,) * 2)
    truth = connected_components(together, directed=False)[1][:count]
    found = enumeration._connected(unit, fold, count)
    assert [found.tolist().index(value) for value in found] == [truth.tolist().index(value) for value in truth]


def test_a_chain_of_units_is_followed_to_its_end() -> None:
    """Fold k holds out units k and k + 1 of one order, so that first and last are connected through all between them."""
    order = np.random.default_rng(0).permutation(20)
    chain = np.arange(19)
    found = enumeration._connected(order[np.r_[chain, chain + 1]], np.r_[chain, chain], 20)
    assert (found == 0).all()
