"""Whether two readings of a file are the same."""

import numpy as np

from smilejax.readers.samples import Samples


def same_samples(one: Samples, other: Samples) -> None:
    """Assert that two readings hold the same, to the bit."""
    assert np.array_equal(one.pupil, other.pupil, equal_nan=True)
    assert (one.time is None) == (other.time is None)
    if one.time is not None and other.time is not None:
        assert one.time.values.dtype == other.time.values.dtype
        assert np.array_equal(one.time.values, other.time.values, equal_nan=one.time.values.dtype.kind == "f")
    for marks, others in ((one.invalid, other.invalid), (one.blink, other.blink), (one.zero, other.zero)):
        np.testing.assert_array_equal(marks, others)
    assert one.line.tolist() == other.line.tolist()
    assert one.names.keys() == other.names.keys()
    for role, names in one.names.items():
        assert names.names == other.names[role].names
        assert names.codes.tolist() == other.names[role].codes.tolist()
    assert repr(one.events) == repr(other.events)  # a time may be NaN
    assert (one.findings, one.unused, one.eyes, one.units) == (other.findings, other.unused, other.eyes, other.units)
