"""Simulated faces against what their settings say, with the truth at hand."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from smilejax._util.errors import SettingsError
from smilejax.settings import FaceSimulationSettings
from smilejax.simulate import FaceSimulation, SmileCourses, face_truth_table, simulate_faces, smile_courses
from smilejax.simulate.simulated_faces import CHANNELS

CALM = FaceSimulationSettings(
    smilers=6,
    videos_per_class=2,
    duration_ms=8000.0,
    blinks_per_minute=0.0,
    losses_per_minute=0.0,
    noise_eye_distances=0.0,
    head_shift_eye_distances=0.0,
    head_roll_deg=0.0,
    head_scale=0.0,
)
"""Nothing but smiles, in videos long enough for each of them; each test turns on what it looks at."""
MANY = replace(CALM, smilers=400, videos_per_class=1, duration_ms=100.0)


def study(settings: FaceSimulationSettings, seed: int = 0) -> FaceSimulation:
    return simulate_faces(settings, key=jax.random.key(seed))


def courses(settings: FaceSimulationSettings, seed: int = 0) -> SmileCourses:
    return smile_courses(settings, key=jax.random.key(seed))


def of(made: FaceSimulation, name: str) -> np.ndarray:
    return made.faces.values[:, :, CHANNELS.index(name)].astype(np.float64)


def test_every_smiler_smiles_as_often_in_either_way() -> None:
    made = study(CALM)
    faces = made.faces
    assert faces.values.shape == (24, 400, 8)
    assert faces.participant == tuple(f"{who:03d}" for who in range(1, 7) for _ in range(4))
    assert faces.trial[:4] == tuple(f"001_{kind}_smile_{k}" for k in (1, 2) for kind in ("deliberate", "spontaneous"))
    assert faces.label.tolist() == [0, 1] * 12
    assert [("deliberate", "spontaneous")[k] in name for k, name in zip(faces.label, faces.trial, strict=True)] == [
        1
    ] * 24
    assert (faces.class_names, faces.rate_hz, set(faces.length.tolist())) == (("posed", "genuine"), 50.0, {400})
    assert faces.source.findings[0].what == "effect"


def test_measures_follow_the_truth() -> None:
    """Amplitude, times, peak speeds, asymmetry and eyelids found by plain arithmetic in the measures."""
    made = study(replace(CALM, rate_hz=500.0))
    truth, time_ms = made.courses.truth, made.courses.time_ms
    left, right = (of(made, f"lip_corner_{side}") - of(made, f"lip_corner_{side}")[:, :1] for side in ("left", "right"))
    both = (left + right) / 2
    np.testing.assert_allclose(both.max(1), truth.amplitude, rtol=1e-4)
    middle = np.argmin(np.abs(time_ms[None] - (truth.apex_ms + truth.offset_ms)[:, None] / 2), axis=1)
    rows = np.arange(len(middle))
    left_most, right_most = left[rows, middle], right[rows, middle]
    np.testing.assert_allclose((left_most - right_most) / (left_most + right_most), truth.asymmetry, atol=1e-4)
    np.testing.assert_allclose(
        1 - of(made, "eyelids_left")[rows, middle] / of(made, "eyelids_left")[:, 0], truth.eyelid_closing, atol=1e-4
    )
    speed = np.diff(both, axis=1) * 500
    np.testing.assert_allclose(speed.max(1), truth.onset_speed, rtol=0.01)
    np.testing.assert_allclose(-speed.min(1), truth.offset_speed, rtol=0.01)
    for row in range(len(both)):
        moves = time_ms[:-1][np.abs(speed[row]) > 1e-4]
        assert abs(moves[0] - truth.onset_ms[row]) < 10
        assert abs(moves[-1] - truth.end_ms[row]) < 10
        still = moves[1:][np.diff(moves) > 50]
        assert truth.offset_ms[row] - truth.apex_ms[row] < 60 or abs(still[0] - truth.offset_ms[row]) < 10


def test_the_differences_are_those_stated_and_none_at_effect_zero() -> None:
    """Medians of logarithms over 400 smilers; the same draws stand behind both effects."""
    found = {}
    for effect in (0.0, 1.0):
        truth, label = courses(replace(MANY, effect=effect)).truth, courses(MANY).label
        duration = truth.end_ms - truth.offset_ms
        what = {
            "amplitude": truth.amplitude,
            "onset": truth.onset_speed,
            "offset": truth.offset_speed,
            "time": duration,
        }
        found[effect] = {
            name: float(np.exp(np.mean(np.log(values)[label == 0]) - np.mean(np.log(values)[label == 1])))
            for name, values in what.items()
        }
        lids = truth.eyelid_closing
        found[effect]["lids"] = float(lids[label == 1].mean() - lids[label == 0].mean())
        found[effect]["asymmetry"] = float(truth.asymmetry[label == 1].mean() - truth.asymmetry[label == 0].mean())
    null, one = found[0.0], found[1.0]
    for name, ratio in (("amplitude", 1.25), ("onset", 1.5), ("time", 1.1), ("offset", 1.25 / 1.1)):
        assert one[name] / null[name] == pytest.approx(ratio, rel=1e-3)
        assert null[name] == pytest.approx(1.0, abs=0.1)
    assert one["lids"] - null["lids"] == pytest.approx(0.1, abs=0.005)
    assert one["asymmetry"] == null["asymmetry"]


def test_at_effect_zero_labels_can_be_exchanged() -> None:
    """Every draw is by smiler and video alone, and the class enters by the effect: none, no class."""
    null = courses(replace(CALM, effect=0.0))
    for effect in (1.0, -2.0):
        other = courses(replace(CALM, effect=effect))
        assert not np.any(np.all(other.corner == null.corner, axis=(1, 2)))
        np.testing.assert_array_equal(other.truth.asymmetry, null.truth.asymmetry)
        np.testing.assert_array_equal(other.lost, null.lost)


def test_same_key_same_study_at_any_rate_and_among_any_smilers() -> None:
    made, again = study(CALM), study(CALM)
    np.testing.assert_array_equal(made.faces.values, again.faces.values)
    np.testing.assert_array_equal(study(replace(CALM, smilers=2)).faces.values, made.faces.values[:8])
    twice = courses(replace(CALM, rate_hz=100.0))
    np.testing.assert_array_equal(twice.corner[:, ::2], made.courses.corner)
    assert not np.any(study(CALM, seed=1).courses.truth.amplitude == made.courses.truth.amplitude)
    with pytest.raises((SettingsError, TypeError)):  # the suite's type checks come before ours
        simulate_faces(CALM, key=0)  # type: ignore[arg-type]


def test_smilers_differ_in_their_neutral_faces_and_in_how_widely_they_smile() -> None:
    made = study(replace(MANY, amplitude_log_sd=0.0, effect=0.0, duration_ms=100.0))
    first = of(made, "mouth_width")[:, 0]
    np.testing.assert_array_equal(first[::2], first[1::2])
    assert np.std(first) == pytest.approx(0.05, rel=0.15)
    wide = np.log(made.courses.truth.amplitude)
    np.testing.assert_allclose(wide[::2], wide[1::2], rtol=1e-6)
    assert np.std(wide) == pytest.approx(0.25, rel=0.15)


def test_blinks_close_both_eyes_at_their_rate() -> None:
    closing = courses(
        replace(CALM, smilers=100, blinks_per_minute=30.0, eyelid_closing=0.0, eyelid_sd=0.0, effect=0.0)
    ).eyelid
    np.testing.assert_array_equal(closing[:, :, 0], closing[:, :, 1])
    assert closing.min() == 0
    assert closing.max() == 1
    shut = closing[:, :, 0] == 1
    per_minute = np.count_nonzero(np.diff(shut.astype(int), axis=1) == 1) / (shut.size / 50 / 60)
    assert per_minute == pytest.approx(30 * np.exp(-10 / 60), rel=0.12)  # a blink of less than half a frame is not seen


def test_lost_frames_are_missing_or_wrong_and_the_confidence_says_so() -> None:
    made = study(replace(CALM, smilers=40, losses_per_minute=20.0))
    calm = study(replace(CALM, smilers=40)).faces.values
    faces, lost = made.faces, made.courses.lost
    confidence = faces.confidence
    assert confidence is not None
    missing = np.isnan(faces.values).all(2)
    np.testing.assert_array_equal(np.isnan(faces.values).any(2), missing)
    np.testing.assert_array_equal(confidence == 0, missing)
    np.testing.assert_array_equal(confidence < 0.5, lost)
    np.testing.assert_array_equal(faces.values[~lost], calm[~lost])
    wrong = lost & ~missing
    assert lost.mean() == pytest.approx(20 * 200 / 60_000, rel=0.15)
    assert 0.3 < wrong.mean() / lost.mean() < 0.6
    assert np.std(faces.values[wrong] - calm[wrong]) == pytest.approx(0.15, rel=0.15)


def test_the_head_moves_as_far_as_asked_and_leaves_the_measures() -> None:
    still, moved = study(CALM), study(replace(CALM, head_shift_eye_distances=0.1, head_roll_deg=2.0, head_scale=0.02))
    np.testing.assert_array_equal(still.faces.values, moved.faces.values)
    np.testing.assert_array_equal(still.courses.head, np.broadcast_to([0, 0, 0, 1], still.courses.head.shape))
    many = courses(replace(CALM, smilers=100, head_shift_eye_distances=0.1, head_roll_deg=2.0, head_scale=0.02)).head
    np.testing.assert_allclose(many.std((0, 1)), [0.1, 0.1, np.radians(2.0), 0.02], rtol=0.05)


def test_noise_is_as_large_as_asked() -> None:
    error = study(replace(CALM, noise_eye_distances=0.01)).faces.values - study(CALM).faces.values
    np.testing.assert_allclose(error.std((0, 1)), 0.01, rtol=0.03)


def test_the_table_of_the_truth_has_a_row_for_each_video() -> None:
    made = study(CALM)
    table = face_truth_table(made)
    assert table.shape == (24, 12)
    assert table["label"].tolist()[:2] == ["posed", "genuine"]
    np.testing.assert_array_equal(table["onset_ms"], made.courses.truth.onset_ms)


@pytest.mark.parametrize(
    ("name", "value"), [("smilers", 0), ("effect", 6.0), ("rate_hz", 0.0), ("wrong_share", 1.1), ("duration_ms", 1.0)]
)
def test_settings_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=name):
        replace(CALM, **{name: value})  # type: ignore[arg-type]
