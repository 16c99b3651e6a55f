"""The design of the Butterworth low-pass is SciPy's, bit for bit."""

import numpy as np
import pytest
from scipy import signal

from smilejax.preprocess.signal.lowpass import _poles_and_gain

RATES_HZ = (30.0, 59.94, 60.0, 250.0, 1000.0, 2000.0)
PROPORTIONS = (0.01, 0.0667, 0.2, 0.333, 0.49)
"""Of the rate, at which the filter cuts off."""


@pytest.mark.parametrize("order", range(1, 9))
def test_poles_and_gain_are_scipys(order: int) -> None:
    for rate_hz in RATES_HZ:
        for cutoff_hz in (rate_hz * proportion for proportion in PROPORTIONS):
            zeros, poles, gain = signal.butter(order, cutoff_hz, fs=rate_hz, output="zpk")
            ours, our_gain = _poles_and_gain(order, cutoff_hz, rate_hz)
            assert np.array_equal(ours, poles), (cutoff_hz, rate_hz)
            assert our_gain == gain
            assert np.array_equal(zeros, -np.ones(order))
