"""An iMotions export with pupils and a face: read as either, or as a face with the pupils as further measures."""

import numpy as np
import pytest

import smilejax
from smilejax import ReadSettings
from smilejax._util.errors import ReadError

LABELS = "stimulus: *posed* = posed, * = genuine"
OF_FACES = "trial: *posed* = posed, * = genuine"
FRAMES, HZ = 8, 120


def _export(path, *, above: bool = True) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Two people, two stimuli each: a face at 25 Hz and pupils at 120 Hz in rows of their own. Gives the true pupils."""
    lines = ["#iMotions 9\n#Study smiles\n#METADATA"] if above else []
    lines.append("Row\tTimestamp\tName\tStimulusName\tAU6 Evidence\tAU12 Evidence\tPupilLeft\tPupilRight")
    truth, rng = {}, np.random.default_rng(0)
    for who in ("ann", "bob"):
        clock = 0.0
        for shown in ("s_posed", "s_real"):
            begin, rows = clock, []
            for at in range(FRAMES):
                rows.append((begin + 40 * at, f"{at / 10}\t{at / 5}\t\t"))
            t = begin + 1 + np.arange(38) * 1000 / HZ
            left, right = rng.uniform(2.5, 4, (2, 38)).round(3)
            left[5] = -1
            rows += [(time, f"\t\t{a}\t{b}") for time, a, b in zip(t, left, right, strict=True)]
            for at, (time, cells) in enumerate(sorted(rows)):
                lines.append(f"{at}\t{time:.3f}\t{who}\t{shown}\t{cells}")
            lines.append(f"99\t{begin + 350:.3f}\t{who}\t\t\t\t3.0\t3.0")
            truth[who, shown] = t - begin, np.stack([left, right], axis=1)
            clock += 5000
    path.write_text("\n".join(lines) + "\n")
    return truth


def test_it_asks_which_and_names_all_three_ways(tmp_path) -> None:
    _export(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="holds pupils and a face") as error:
        smilejax.read(tmp_path / "a.txt")
    words = str(error.value)
    assert "layout imotions for the face, layout tidy for the pupils" in words
    assert "left PupilLeft right PupilRight" in words


@pytest.mark.parametrize("above", [True, False])
def test_as_pupils(tmp_path, above) -> None:
    truth = _export(tmp_path / "a.txt", above=above)
    found = smilejax.read(tmp_path / "a.txt", ReadSettings(layout="tidy", label_from=LABELS))
    assert found.unit == "mm"
    assert found.rate_hz == pytest.approx(HZ, rel=1e-3)
    assert list(zip(found.participant, found.stimulus, strict=True)) == list(truth)
    for row, (_, pupil) in enumerate(truth.values()):
        np.testing.assert_allclose(found.pupil[row], np.where(pupil > 0, pupil, np.nan), rtol=2e-3)
    assert any(one.what == "face" and "layout imotions" in one.value for one in found.source.findings)


def test_as_a_face_it_says_that_pupils_are_there(tmp_path) -> None:
    _export(tmp_path / "a.txt")
    found = smilejax.read(tmp_path / "a.txt", ReadSettings(layout="imotions", label_from=OF_FACES))
    assert found.channels == ("AU06", "AU12")
    assert found.length.tolist() == [FRAMES] * 4
    assert any(one.what == "pupils" and "left PupilLeft" in one.value for one in found.source.findings)


def test_pupils_become_measures_at_the_frames(tmp_path) -> None:
    truth = _export(tmp_path / "a.txt")
    settings = ReadSettings(layout="imotions", label_from=OF_FACES, left="PupilLeft", right="pupilright")
    found = smilejax.read(tmp_path / "a.txt", settings)
    assert found.channels == ("AU06", "AU12", "pupil_left", "pupil_right")
    assert found.unit == "intensity, mm"
    for row, (time, pupil) in enumerate(truth.values()):
        for frame in range(FRAMES):
            near = np.abs(time - 40 * frame) <= 20
            for eye in range(2):
                own = pupil[near & (pupil[:, eye] > 0), eye]
                assert found.values[row, frame, 2 + eye] == pytest.approx(own.mean(), rel=1e-5)
    alone = smilejax.read(tmp_path / "a.txt", ReadSettings(layout="imotions", label_from=OF_FACES))
    np.testing.assert_array_equal(found.values[:, :, :2], alone.values)


def test_a_column_that_is_not_there_is_named(tmp_path) -> None:
    _export(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="no column 'nosuch'") as error:
        smilejax.read(tmp_path / "a.txt", ReadSettings(layout="imotions", label_from=OF_FACES, left="nosuch"))
    assert error.value.setting == "left"


def test_scores_of_smiles_are_no_labels(tmp_path) -> None:
    """AFFDEX calls a score `Smile`, a heading by which tables of pupils name the class."""
    _export(tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_text().replace("AU6 Evidence", "Cheek Raise").replace("AU12 Evidence", "Smile")
    (tmp_path / "a.txt").write_text(text)
    found = smilejax.read(tmp_path / "a.txt", ReadSettings(layout="tidy", label_from=LABELS))
    assert not any(one.what == "column: label" for one in found.source.findings)
    assert any("'Smile'" in one.value for one in found.source.findings if one.what == "columns not used")
