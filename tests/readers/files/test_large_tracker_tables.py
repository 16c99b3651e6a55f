"""Trackers' tables in chunks, the columns used alone, give what the whole table gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.same_samples import same_samples
from helpers.tracker_files import gazepoint as gazepoint_files
from helpers.tracker_files import neon as neon_files
from helpers.tracker_files import pupil_core as core_files
from helpers.tracker_files import tobii as tobii_files
from helpers.tracker_files.simulated_pupils import simulated

from smilejax.readers.files import large_text
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import gazepoint, neon_cloud, pupil_core, tobii_pro_lab, tobii_sdk, tobii_studio
from smilejax.settings import ReadSettings

TRUTH = tobii_files.recorded()


def pro_lab(folder: Path) -> Path:
    return tobii_files.write_pro_lab(folder / "a.tsv", tobii_files.pro_lab_rows(TRUTH))


FILES: dict[str, tuple[Callable[[Given, ReadSettings], Samples], Callable[[Path], Path]]] = {
    "gazepoint": (gazepoint.read, lambda folder: gazepoint_files.all_gaze(folder / "a.csv", simulated())),
    "neon": (neon_cloud.read, lambda folder: neon_files.cloud(folder, simulated(rate_hz=200), wearer="p7")),
    "pupil-core": (pupil_core.read, lambda folder: core_files.export(folder, simulated())),
    "tobii-pro-lab": (tobii_pro_lab.read, pro_lab),
    "tobii-sdk": (tobii_sdk.read, lambda folder: tobii_files.write_sdk(folder / "a.tsv", TRUTH)),
    "tobii-studio": (tobii_studio.read, lambda folder: tobii_files.write_studio(folder / "a.tsv", TRUTH)),
    "tobii-studio all data": (
        tobii_studio.read,
        lambda folder: tobii_files.write_studio_all_data(folder / "a.tsv", TRUTH),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_chunks_give_what_the_whole_table_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    read, write = FILES[name]
    path = write(tmp_path)
    whole = read(Given(path), ReadSettings())
    told: list[int] = []
    monkeypatch.setattr(large_text, "LARGE", 0)
    monkeypatch.setattr(large_text, "CHUNK", 4000)
    chunked = read(Given(path, progress=lambda done, of: told.append(done)), ReadSettings())
    assert len(told) > 1, "it was read in chunks"
    same_samples(chunked, whole)


def test_rows_of_words_for_missing_are_no_samples_of_studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = "RecordingTimestamp\tMediaName\tPupilLeft\tPupilRight\tGazePointX (MCSpx)\tStudioEvent"
    rows = [f"{i * 10}\ta\t3.{i}\t{'-' if i % 3 else 4}\t{i}\t" for i in range(99)]
    rows[40] = "405\ta\t-\tNA\t-\tClick"
    path = tmp_path / "a.tsv"
    path.write_text("\n".join([heads, *rows, ""]))
    whole = tobii_studio.read(Given(path), ReadSettings())
    assert len(whole) == 98
    assert np.isnan(whole.pupil[1, 1])
    monkeypatch.setattr(large_text, "LARGE", 0)
    same_samples(tobii_studio.read(Given(path), ReadSettings()), whole)
