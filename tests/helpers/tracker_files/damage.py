"""Files that are cut, or of which one byte is wrong."""

from collections.abc import Callable
from pathlib import Path

from helpers.examples import at_most
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.settings import ReadSettings

QUICK = settings(max_examples=at_most(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

DAMAGE = st.tuples(st.floats(0, 1, exclude_max=True), st.one_of(st.none(), st.integers(0, 255)))
"""Where, as a proportion of the file, and the byte that stands there then; None cuts the file there."""


def survives(
    path: Path,
    damage: tuple[float, int | None],
    read: Callable[[Given, ReadSettings], Samples],
    recognises: Callable[[Given, ReadSettings], bool],
    given: Path | None = None,
) -> None:
    """Assert that the damaged file, or the folder `given` in which it stands, is read or refused with its name."""
    whole = path.read_bytes()
    at = int(damage[0] * len(whole))
    path.write_bytes(whole[:at] if damage[1] is None else whole[:at] + bytes([damage[1]]) + whole[at + 1 :])
    target = given or path
    try:
        recognises(Given(target), ReadSettings())
        samples = read(Given(target), ReadSettings())
    except ReadError as error:
        refusal: str | None = str(error)
    else:
        refusal = None
        assert len(samples) == len(samples.pupil) == len(samples.line)
    finally:
        path.write_bytes(whole)
    assert refusal is None or str(target) in refusal
