"""Files that are cut or damaged: samples, or an error that names the file, never another exception."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from helpers.examples import at_most
from helpers.tracker_files.reading import used
from helpers.tracker_files.tobii import (
    pro_lab_rows,
    recorded,
    write_gazedata,
    write_pro_lab,
    write_sdk,
    write_studio,
    write_studio_all_data,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.trackers import eprime_gazedata, tobii_pro_lab, tobii_sdk, tobii_studio
from smilejax.settings import ReadSettings

TRUTH = recorded(people=("P1",), samples=20)
FILES: dict[str, tuple[ModuleType, str, Callable[[Path], Path]]] = {
    "pro-lab": (tobii_pro_lab, "a.tsv", lambda p: write_pro_lab(p, pro_lab_rows(TRUTH))),
    "pro-lab-utf-16": (tobii_pro_lab, "a.tsv", lambda p: write_pro_lab(p, pro_lab_rows(TRUTH), "utf-16")),
    "studio": (tobii_studio, "a.tsv", lambda p: write_studio(p, TRUTH)),
    "studio-all-data": (tobii_studio, "a.tsv", lambda p: write_studio_all_data(p, TRUTH)),
    "sdk": (tobii_sdk, "a.csv", lambda p: write_sdk(p, TRUTH)),
    "gazedata": (eprime_gazedata, "a.gazedata", lambda p: write_gazedata(p, TRUTH)),
}
FEW = settings(max_examples=at_most(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _read(reader: ModuleType, path: Path, raw: bytes) -> np.ndarray | None:
    """Pupils that may be used of a damaged file, or None where it is refused by name."""
    path.write_bytes(raw)
    reader.recognises(Given(path), ReadSettings())
    try:
        return used(reader.read(Given(path), ReadSettings()))
    except ReadError as error:
        message = str(error)
    assert path.name in message
    return None


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
@FEW
def test_a_file_that_was_cut_gives_the_samples_before_the_cut(tmp_path: Path, name: str, data: st.DataObject) -> None:
    reader, file, write = FILES[name]
    raw = write(tmp_path / file).read_bytes()
    pupil = _read(reader, tmp_path / file, raw[: data.draw(st.integers(0, len(raw)))])
    if pupil is not None and len(pupil) > 1:  # the number in the last cell may be cut
        np.testing.assert_array_equal(pupil[:-1], TRUTH.pupil[: len(pupil) - 1])


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
@FEW
def test_a_damaged_byte_or_a_lost_stretch(tmp_path: Path, name: str, data: st.DataObject) -> None:
    reader, file, write = FILES[name]
    raw = bytearray(write(tmp_path / file).read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        raw[at] = data.draw(st.integers(0, 255))
    else:
        del raw[at : at + data.draw(st.integers(1, 400))]
    _read(reader, tmp_path / file, bytes(raw))
