"""A stream of Lab Streaming Layer, from an outlet in this process."""

import uuid
from collections.abc import Iterator

import numpy as np
import pytest

from smilejax._util.errors import DataError, SettingsError
from smilejax.prediction.lsl_inlet import LslInlet


@pytest.fixture
def lsl() -> object:
    try:
        import pylsl
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"Lab Streaming Layer is not usable here: {error}")
    return pylsl


@pytest.fixture
def outlet(lsl) -> Iterator[tuple[str, object]]:
    name = f"smilejax-{uuid.uuid4().hex[:8]}"
    made = lsl.StreamOutlet(lsl.StreamInfo(name, "Gaze", 3, 60, "float32", name))
    yield name, made
    del made


@pytest.mark.slow  # finds a stream on the network
def test_samples_come_in_their_places(lsl, outlet) -> None:
    """The channels asked for, jitter of the stamps left out, a gap left in."""
    name, sender = outlet
    inlet = LslInlet(name, channels=(2, 0), wait_s=5.0)
    assert inlet.rate_hz == 60.0
    assert sender.wait_for_consumers(5.0)
    rng = np.random.default_rng(0)
    at = np.array([0, 1, 2, 3, 7, 8, 9])
    first = lsl.local_clock()
    for place in at:
        sender.push_sample([float(place), -1.0, 3.0], first + place / 60 + rng.uniform(-0.004, 0.004))
    found: list[tuple[float, float, float]] = []
    for pupil, times in inlet.pieces():
        found += [(*map(float, one), time) for one, time in zip(pupil, times, strict=True)]
        if len(found) == len(at):
            break
    inlet.close()
    assert [row[:2] for row in found] == [(3.0, float(place)) for place in at]
    np.testing.assert_allclose([row[2] for row in found], at * 1000 / 60)


@pytest.mark.slow
def test_channels_that_are_not_there_are_refused(outlet) -> None:
    with pytest.raises(SettingsError, match="0 to 2"):
        LslInlet(outlet[0], channels=(0, 3), wait_s=5.0)


@pytest.mark.slow
def test_no_stream_is_said(lsl) -> None:
    with pytest.raises(DataError, match="no stream called 'nobody'"):
        LslInlet("nobody", wait_s=0.5)
