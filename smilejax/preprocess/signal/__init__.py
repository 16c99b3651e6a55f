"""The arithmetic of cleaning: pure functions on traces of pupil samples, for `jit`."""
