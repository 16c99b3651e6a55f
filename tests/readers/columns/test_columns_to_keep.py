"""Columns of the user's own: of pupils and of faces, from the file or a joined table, one value for each trial."""

import numpy as np
import pandas as pd
import pytest
from helpers.drawn_faces import drawn_faces

import smilejax
from smilejax._util.errors import DataWarning, ReadError, TrialsError
from smilejax.readers.faces.tidy_faces import tidy_faces
from smilejax.recordings.stimulus_table import Covariate
from smilejax.settings import ReadSettings

CLASSES = ("Easy", "Hard")


def _pupils() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "participant": ["a"] * 10 + ["b"] * 10,
            "trial": ([1] * 5 + [2] * 5) * 2,
            "time_ms": [*range(0, 100, 20)] * 4,
            "left_mm": 3 + np.arange(20) / 100,
            "label": (["Easy"] * 5 + ["Hard"] * 5) * 2,
            "Age": [20] * 10 + [33] * 10,
        }
    )


def _kept(recording) -> dict[str, tuple]:
    return {one.name: one.values for one in recording.columns}


def test_of_pupils_from_a_frame_a_file_and_a_joined_table(tmp_path) -> None:
    settings = ReadSettings(classes=CLASSES, columns=("age",))
    read = smilejax.read(_pupils(), settings)
    assert _kept(read) == {"age": ("20", "20", "33", "33")}
    assert _kept(read[1:3]) == {"age": ("20", "33")}
    assert ("columns kept", "age (20, 33)") in {(one.what, one.value) for one in read.source.findings}
    assert smilejax.read(_pupils(), ReadSettings(classes=CLASSES)).columns == ()
    _pupils().drop(columns="Age").to_csv(tmp_path / "pupils.csv", index=False)
    (tmp_path / "people.csv").write_text("subject,age,fold\nb,33,y\na,,x\n")
    both = ReadSettings(classes=CLASSES, columns=("age", "fold"), join=(str(tmp_path / "people.csv"),))
    joined = smilejax.read(tmp_path / "pupils.csv", both)
    assert _kept(joined) == {"age": ("", "", "33", "33"), "fold": ("x", "x", "y", "y")}
    np.testing.assert_array_equal(joined.pupil, read.pupil)


def test_of_faces_it_is_no_measure(tmp_path) -> None:
    table = tidy_faces(drawn_faces())
    table["score"] = table["smiler"].map({name: at for at, name in enumerate(table["smiler"].unique())})
    usual, kept = smilejax.read(table), smilejax.read(table, ReadSettings(columns=("score",)))
    assert usual.channels == (*kept.channels, "score")
    expected = table.groupby(["smiler", "video"], sort=False)["score"].first().astype(str)
    assert _kept(kept)["score"] == tuple(expected)
    plain = table.drop(columns="score")
    plain.to_csv(tmp_path / "faces.csv", index=False)
    people = table.groupby("smiler", sort=False)["score"].first().reset_index()
    people.to_csv(tmp_path / "people.csv", index=False)
    joined = smilejax.read(
        tmp_path / "faces.csv", ReadSettings(columns=("score",), join=(str(tmp_path / "people.csv"),))
    )
    assert _kept(joined) == _kept(kept)
    assert joined.channels == kept.channels


@pytest.mark.parametrize("heading", ["age", "Sex", "fold"])
def test_what_says_something_of_people_is_never_a_measure_of_a_face(heading) -> None:
    table = tidy_faces(drawn_faces()).assign(**{heading: 1})
    with pytest.warns(DataWarning, match=f"not used: {heading}"):
        assert heading not in smilejax.read(table).channels


def test_what_is_refused() -> None:
    with pytest.raises(ReadError, match="there is no column 'nosuch'") as error:
        smilejax.read(_pupils(), ReadSettings(classes=CLASSES, columns=("nosuch",)))
    assert error.value.setting == "columns"
    changing = _pupils().assign(Age=range(20))
    with pytest.raises(ReadError, match="column age must be the same throughout a trial"):
        smilejax.read(changing, ReadSettings(classes=CLASSES, columns=("age",)))
    read = smilejax.read(_pupils(), ReadSettings(classes=CLASSES))
    with pytest.raises(TrialsError, match="one value for each of 4 trials; 'age' has 2"):
        smilejax.Trials(**{**vars(read), "columns": (Covariate("age", words=("1", "2")),)})
