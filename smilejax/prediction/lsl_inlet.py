"""Samples of a stream of Lab Streaming Layer, by `pylsl` (extra `lsl`)."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError, SettingsError

CHUNK_S = 0.5
"""Longest time that samples are waited for at once, in seconds."""
Piece = tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]


class LslInlet:
    """A stream of pupils, found by its name.

    Arguments:
        name: of the stream. channels: of the left and the right pupil, counted from 0; one channel stands for both.
        wait_s: seconds to wait for the stream, and for its next sample.

    Raises:
        SettingsError: `pylsl` is not installed, or the stream has no such channels.
        DataError: no stream of this name is there, or it has no regular rate.
    """

    def __init__(self, name: str, *, channels: Sequence[int] = (0, 1), wait_s: float = 10.0) -> None:
        try:
            import pylsl
        except (ImportError, RuntimeError) as error:  # the latter where liblsl is absent
            raise SettingsError(
                f"streams of Lab Streaming Layer are read by the package pylsl, which is not usable here ({error}).",
                hint='Install it: pip install "smilejax[lsl]".',
            ) from error
        found = pylsl.resolve_byprop("name", name, minimum=1, timeout=wait_s)
        if not found:
            raise DataError(f"no stream called {name!r} was found within {wait_s:g} s.", hint="Start it first.")
        info = found[0]
        count, self.rate_hz = info.channel_count(), float(info.nominal_srate())
        if len(channels) not in (1, 2) or not all(0 <= one < count for one in channels):
            raise SettingsError(
                setting="lsl_channels",
                rule=f"one or two channels of the stream, 0 to {count - 1}",
                value=tuple(channels),
            )
        if self.rate_hz <= 0:
            raise DataError(f"the stream {name!r} has no regular rate, and the cleaning needs one.")
        self.name, self.wait_s = name, wait_s
        self._channels = [channels[0], channels[-1]]
        self._inlet = pylsl.StreamInlet(info, max_buflen=60)
        self._inlet.open_stream(timeout=wait_s)

    def pieces(self) -> Iterator[Piece]:
        """Samples as they arrive, `f32[n, 2]`, and their places in time in ms, on a clock of regular steps.

        Time stamps of LSL jitter: a sample takes the next place of the rate, unless its stamp is a whole sample or more later,
        which is a gap. The stream ends where no sample comes for `wait_s`.
        """
        first, place = 0.0, -1
        waited = 0.0
        while waited < self.wait_s:
            samples, stamps = self._inlet.pull_chunk(timeout=min(CHUNK_S, self.wait_s))
            if not stamps:
                waited += min(CHUNK_S, self.wait_s)
                continue
            waited = 0.0
            if place < 0:
                first = stamps[0]
            places = []
            for stamp in stamps:
                by_clock = (stamp - first) * self.rate_hz
                place = place + 1 if by_clock < place + 2 else round(by_clock)
                places.append(place)
            values = np.asarray(samples, np.float32)[:, self._channels]
            yield np.where(np.isfinite(values), values, np.nan), np.array(places) * 1000 / self.rate_hz

    def close(self) -> None:
        """End the connection."""
        self._inlet.close_stream()
