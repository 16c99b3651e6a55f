"""Dynamics of smiles: ramps against arithmetic by hand, noisy courses against plain loops, simulated smiles against truth."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from classifiers.made_up_trials import made_up

from smilejax import Dataset, FaceSimulationSettings, Recipe
from smilejax.classifiers import SMILE_FEATURES, TrialInfo, smile_dynamics
from smilejax.classifiers.mask_only import mask_as_signal
from smilejax.classifiers.smile_dynamics import NO_SMILE, SMILE_DYNAMICS, STILLS
from smilejax.preprocess.channels import MASK, Channel
from smilejax.simulate import simulate_faces

CORNERS = ("lip_corner_left", "lip_corner_right")
EYELIDS = ("eyelids_left", "eyelids_right")
RATE_HZ = 50.0
ROWS, STEPS = 20, 300
"""All datasets are filled up to one shape, so that two programs serve all tests: of corners with eyelids, and of AU12."""


def dataset(x: np.ndarray, channels: tuple[str, ...] = CORNERS + EYELIDS, valid: np.ndarray | None = None) -> Dataset:
    """Videos `[N, T, C]`; eyelids that are not given are still."""
    n, steps, count = x.shape
    full = np.zeros((ROWS, STEPS, len(channels)))
    full[:n, :steps, :count] = x
    there = np.zeros((ROWS, STEPS), bool)
    there[:n, :steps] = True if valid is None else valid
    return replace(
        made_up(n=ROWS),
        x=jnp.asarray(full, jnp.float32),
        valid=jnp.asarray(there),
        channels=tuple(Channel(name) for name in channels),
        rate_hz=RATE_HZ,
    )


def found(data: Dataset, n: int = 1) -> list[dict[str, float]]:
    names, values = smile_dynamics(data)
    return [dict(zip(names, row.tolist(), strict=True)) for row in np.asarray(values)[:n]]


def ramp(t: np.ndarray, start: float, onset: float, apex: float, offset: float) -> np.ndarray:
    """From 0 up to 1 within `onset` s, held, and back within `offset` s, all in straight lines."""
    return np.clip(np.minimum((t - start) / onset, 1 - (t - start - onset - apex) / offset), 0, 1)


def test_known_ramps_give_known_numbers() -> None:
    """1 s up, .8 s held, 2 s down; the left corner .3, the right one .1; the eyelids close by .04."""
    t = np.arange(STEPS) / RATE_HZ
    course = ramp(t, 0.5, 1.0, 0.8, 2.0)
    lids = 0.11 - 0.04 * course
    x = np.stack([-0.3 + 0.3 * course, -0.35 + 0.1 * course, lids, lids], axis=1)[None]
    (row,) = found(dataset(x))
    wanted = {
        "onset duration": 0.8,
        "apex duration": 0.8 + 0.1 + 0.2,  # the last tenth of the rise and the first of the fall
        "offset duration": 1.6,
        "amplitude": 0.2,
        "decline": 0.2,
        "onset mean speed": 0.2,
        "onset peak speed": 0.2,
        "offset mean speed": 0.1,
        "offset peak speed": 0.1,
        "apex asymmetry": 1.0,  # (.3 - .1) / .2, nearly: the apex takes in a tenth of either ramp
        "delay between corners": 0.0,
        "eyes' peak speed": 0.04,
    }
    assert len(row) == len(SMILE_FEATURES) == 19
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value, rel=0.04 if "apex asym" in name else 1e-3, abs=1e-5), name
    assert row["onset asymmetry"] == pytest.approx(0.5, abs=0.05)
    assert row["eyes in the apex"] == pytest.approx(0.04, rel=0.05)
    assert row["eyes in the onset"] == pytest.approx(0.02, rel=0.1)


def test_neither_level_nor_time_matters_and_size_scales() -> None:
    t = np.arange(STEPS) / RATE_HZ
    course = np.stack([ramp(t, start, 1.0, 0.8, 2.0) for start in (0.5, 1.0)])
    x = np.stack([course * 0.2, course * 0.2], axis=2)
    one, later = found(dataset(x), 2)
    (moved,) = found(dataset(x - 3.0))
    (twice,) = found(dataset(2 * x))
    for name, value in one.items():
        assert later[name] == pytest.approx(value, rel=1e-3, abs=1e-5), name
        assert moved[name] == pytest.approx(value, rel=2e-3, abs=2e-3), name
        factor = 2.0 if any(word in name for word in ("amplitude", "decline", "speed", "acceleration")) else 1.0
        assert twice[name] == pytest.approx(factor * value, rel=1e-3, abs=1e-5), name


def test_one_corner_later_than_the_other_is_a_delay() -> None:
    t = np.arange(STEPS) / RATE_HZ
    x = np.stack([ramp(t, 0.5, 1.0, 1.0, 1.0), ramp(t, 0.73, 1.0, 1.0, 1.0)], axis=1)[None]
    (row,) = found(dataset(x))
    assert row["delay between corners"] == pytest.approx(0.23, abs=0.03)


def plain(course: np.ndarray, valid: np.ndarray, rate_hz: float) -> dict[str, float]:
    """Durations, ways and speeds of one course by loops."""
    steps = [int(t) for t in np.flatnonzero(valid)]
    apex = max(steps, key=lambda t: (course[t], -t))
    before, after = [t for t in steps if t <= apex], [t for t in steps if t >= apex]
    level, end = min(course[t] for t in before), min(course[t] for t in after)
    up, down = course[apex] - level, course[apex] - end

    def between(t: int, u: int, value: float) -> float:
        return t + (u - t) * (value - course[t]) / (course[u] - course[t]) if abs(u - t) == 1 and valid[u] else t

    a = max(t for t in before if course[t] <= level + 0.1 * up)
    b = min(t for t in before if t >= a and course[t] >= level + 0.9 * up)
    c = max(t for t in after if course[t] >= course[apex] - 0.1 * down)
    d = min(t for t in after if t >= c and course[t] <= course[apex] - 0.9 * down)
    on = between(a, a + 1, level + 0.1 * up), between(b, b - 1, level + 0.9 * up)
    off = between(c, c + 1, course[apex] - 0.1 * down), between(d, d - 1, course[apex] - 0.9 * down)
    rise = max(course[t + 1] - course[t] for t in range(a, b) if valid[t] and valid[t + 1])
    bend = [
        abs(course[t - 1] - 2 * course[t] + course[t + 1])
        for t in range(max(a, 1), b + 1)
        if valid[t - 1 : t + 2].all()
    ]
    return {
        "onset duration": (on[1] - on[0]) / rate_hz,
        "apex duration": (off[0] - on[1]) / rate_hz,
        "offset duration": (off[1] - off[0]) / rate_hz,
        "amplitude": up,
        "decline": down,
        "onset peak speed": rise * rate_hz,
        "onset peak acceleration": max(bend) * rate_hz**2,
        "offset mean speed": 0.8 * down / ((off[1] - off[0]) / rate_hz),
    }


def test_noisy_courses_with_gaps_give_what_plain_loops_give() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(STEPS) / RATE_HZ
    course = np.stack([ramp(t, *rng.uniform((0.5, 0.4, 0.5, 0.4), (1.0, 1.0, 1.0, 1.2))) for _ in range(12)])
    course += 0.02 * rng.normal(size=course.shape)
    valid = rng.random(course.shape) > 0.1
    rows = found(dataset(np.where(valid, course, 1.5)[:, :, None], ("AU12",), valid), 12)
    for row, one, there in zip(rows, course.astype(np.float32).astype(float), valid, strict=True):
        assert len(row) == 11  # neither sides nor eyes
        for name, value in plain(one, there, RATE_HZ).items():
            assert row[name] == pytest.approx(value, rel=1e-3, abs=1e-4), name


def test_simulated_smiles_are_measured_as_they_are() -> None:
    settings = FaceSimulationSettings(
        smilers=10,
        videos_per_class=1,
        noise_eye_distances=0.0,
        losses_per_minute=0.0,
        blinks_per_minute=0.0,
        duration_ms=6000,
    )
    study = simulate_faces(settings, key=jax.random.key(0))
    truth = study.courses.truth
    at = [study.faces.channels.index(name) for name in CORNERS + EYELIDS]
    rows = found(dataset(study.faces.values[:, :, at]), 20)
    got = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    onset_s = (truth.apex_ms - truth.onset_ms) / 1000
    np.testing.assert_allclose(got["amplitude"], truth.amplitude, rtol=1e-3)
    np.testing.assert_allclose(got["onset peak speed"], truth.onset_speed, rtol=0.02)
    np.testing.assert_allclose(got["offset peak speed"], truth.offset_speed, rtol=0.02)
    np.testing.assert_allclose(got["onset duration"], 0.6084 * onset_s, rtol=0.02)  # u^2 (3 - 2 u) from .1 to .9
    np.testing.assert_allclose(got["apex asymmetry"], 2 * np.abs(truth.asymmetry), rtol=0.03, atol=1e-4)


def test_what_cannot_be_told_is_missing() -> None:
    """No smile; no offset before the video ends; nothing valid."""
    t = np.arange(150) / RATE_HZ
    x = np.stack([np.zeros(150), ramp(t, 0.5, 1.0, 9.0, 1.0), ramp(t, 0.5, 1.0, 0.2, 0.5)])[:, :, None]
    valid = np.ones((3, 150), bool)
    valid[2] = False
    flat, early, nothing = found(dataset(x, ("AU12",), valid), 3)
    assert np.isnan(list(flat.values())).all()
    assert np.isnan(list(nothing.values())).all()
    lost = {name for name, value in early.items() if np.isnan(value)}
    assert lost == {name for name in early if "offset" in name or name in ("decline", "apex duration")}


@pytest.mark.parametrize(
    ("channels", "steps", "why"), [(("brow_left", "brow_right"), 9, NO_SMILE), (CORNERS, 2, STILLS), (CORNERS, 3, "")]
)
def test_why_it_cannot_be_fitted(channels: tuple[str, ...], steps: int, why: str) -> None:
    data = dataset(np.zeros((2, steps, 2)), channels)
    data = replace(data, x=data.x[:, :steps], valid=data.valid[:, :steps])
    info = TrialInfo(data, None, np.ones(ROWS, np.float32))
    assert SMILE_DYNAMICS.why_not(info) == why
    assert SMILE_DYNAMICS.given(info) == (why != NO_SMILE)


def test_its_negative_control_sees_the_mask_alone() -> None:
    """A study gives what it judges the missing-data mask as the only signal."""
    gap = np.ones((1, 150, 1))
    gap[0, 40:60] = 0.0
    data = mask_as_signal(replace(dataset(gap, ("AU12",)), channels=(MASK,)))
    (row,) = found(data)
    assert (row["amplitude"], len(row)) == (1.0, 11)
    with pytest.raises(ValueError, match="no measure follows the smile"):
        smile_dynamics(replace(data, channels=(MASK,)))


def test_they_are_for_faces_and_say_so() -> None:
    data = replace(made_up(), recipe=Recipe())
    info = TrialInfo(data, None, np.ones(24, np.float32))
    assert SMILE_DYNAMICS.reason_against(info) == "it reads faces, and these are recordings of pupils"
    assert not SMILE_DYNAMICS.given(info)


def test_every_feature_says_what_it_is() -> None:
    assert len({one.name for one in SMILE_FEATURES}) == len(SMILE_FEATURES)
    for one in SMILE_FEATURES:
        assert one.words
        assert one.source
        assert ("/s" in one.unit) == ("speed" in one.name or "acceleration" in one.name)
