"""Tables of other face trackers, made by generators after published headings: no file of a real recording was at hand."""

from pathlib import Path

import numpy as np
import pytest

import smilejax
from smilejax import Faces, ReadSettings
from smilejax._util.errors import DataWarning, ReadError, SettingsError
from smilejax.readers.faces.face_readers import FACE_READERS
from smilejax.readers.given import Given

FRAMES = 8
SMILE = np.round(np.sin(np.linspace(0, np.pi, FRAMES)), 3)
"""AU12 of the file numbered 0, as a proportion of its scale; AU6 is half of it."""


def openface(number: int, *, face_id: bool = True, second: bool = False, scale: float = 5.0) -> str:
    heads = ["frame", *(["face_id"] if face_id else []), "timestamp", "confidence", "success", "gaze_0_x", "pose_Rx"]
    lines = [", ".join([*heads, "AU06_r", "AU12_r", "AU45_r", "AU06_c", "AU12_c"])]
    for at, smile in enumerate(SMILE):
        for face in range(1 + second):
            found = at != 3 and not (face and at > 4)
            row = [
                at + 1,
                *([face] if face_id else []),
                f"{at / 25:.3f}",
                0.98 if found else 0.02,
                int(found),
                0.1,
                0.2,
            ]
            aus = [scale * smile / 2, scale * smile, 0.0] if found and not face else [0.0] * 3
            lines.append(", ".join(map(str, [*row, *(f"{value:.4f}" for value in aus), 1, 1])))
    return "\n".join(lines) + "\n"


def py_feat(number: int) -> str:
    lines = ["frame,FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,AU06,AU12,Pitch,anger,input"]
    for at, smile in enumerate(SMILE):
        rect, au = ("10.0,10.0,50.0,50.0,0.99", f"{smile / 2},{smile}") if at != 3 else (",,,,", ",")
        lines.append(f"{at},{rect},{au},0.1,0.0,/data/videos/{NAMES[number]}.mp4")
    return "\n".join(lines) + "\n"


def facet(number: int, *, pupils: bool = False) -> str:
    head = "#iMotions 5.7\n#Study smiles\n#Respondent\n#\n#METADATA\n"
    more = "\tPupilLeft\tPupilRight" if pupils else ""
    lines = ["Name\tStimulusName\tTimestamp\tMediaTime\tFrameNo\tJoy Evidence\tAU6 Evidence\tAU12 Evidence" + more]
    for at, smile in enumerate(SMILE):
        own = "\t3.1\t3.2" if pupils else ""
        values = f"{smile / 2 - 1}\t{smile - 1}" if at != 3 else "\t"
        lines.append(f"{who(number)}\t{NAMES[number]}\t{1000 + 40 * at}\t{40 * at}\t{at}\t0.3\t{values}{own}")
        lines.append(f"{who(number)}\t\t{1020 + 40 * at}\t\t\t\t\t{own}")  # a row of another sensor
    return head + "\n".join(lines) + "\n"


def affdex(number: int) -> str:
    head = "".join(f"#METADATA line {k},x\n" for k in range(24))
    lines = ["Row,Timestamp,SourceStimuliName,Respondent,Smile,Cheek Raise,Lid Tighten,Eye Closure,Attention"]
    for at, smile in enumerate(SMILE):
        values = f"{100 * smile},{50 * smile},1.0,0.0,98" if at != 3 else ",,,,"
        lines.append(f"{at},{40 * at},{NAMES[number]},{who(number)},{values}")
    return head + "\n".join(lines) + "\n"


def facereader(number: int, *, letters: bool = False) -> str:
    head = "Video analysis detailed log\nFace Model:\tGeneral\nDate:\t2026\n\n"
    lines = [
        "Video Time\tNeutral\tHappy\tAction Unit 06 - Cheek Raiser\tAction Unit 12 - Lip Corner Puller"
        "\tX - Head Orientation"
    ]
    for at, smile in enumerate(SMILE):
        values = [f"{smile / 2:.4f}", f"{smile:.4f}"]
        if letters:
            values = ["NotActive", "ABCDE"[min(int(5 * smile), 4)]]
        if at == 3:
            values = ["FIT_FAILED"] * 2
        lines.append(f"00:00:{at / 25:06.3f}\t0.5\t0.5\t{values[0]}\t{values[1]}\t1.0")
    return head + "\n".join(lines) + "\n"


def blendshapes(number: int) -> str:
    lines = ["timestamp_ms,_neutral,browInnerUp,cheekSquintLeft,eyeLookInLeft,mouthSmileLeft,mouthSmileRight,HeadYaw"]
    for at, smile in enumerate(SMILE):
        values = f"0.0,0.1,{smile / 2},0.3,{smile},{smile}" if at != 3 else ",,,,,"
        lines.append(f"{40 * at},{values},2.5")
    return "\n".join(lines) + "\n"


NAMES = ("001_deliberate_smile_1", "001_spontaneous_smile_1", "002_deliberate_smile_1", "002_spontaneous_smile_2")
PATTERN = ("file: {participant}_{label}_smile_{}",)


def who(number: int) -> str:
    return NAMES[number][:3]


def folder(tmp_path: Path, make, suffix: str = ".csv", **more) -> Path:
    for number, name in enumerate(NAMES):
        (tmp_path / f"{name}{suffix}").write_text(make(number, **more))
    return tmp_path


CASES = {
    "openface": (openface, ".csv", {"names_from": PATTERN}, "AU12", 5.0, 0.0),
    "py-feat": (py_feat, ".csv", {"names_from": PATTERN, "rate_hz": 25.0}, "AU12", 1.0, 0.0),
    "imotions": (facet, ".txt", {"label_from": "trial: *deliberate* = posed, * = genuine"}, "AU12", 1.0, -1.0),
    "facereader": (facereader, ".txt", {"names_from": PATTERN}, "AU12", 1.0, 0.0),
    "blendshapes": (blendshapes, ".csv", {"names_from": PATTERN}, "mouth_smile_left", 1.0, 0.0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_folder_of_a_trackers_tables_becomes_faces(name: str, tmp_path: Path) -> None:
    """Four videos of two smilers, who smile in either way; the fourth frame of each was lost."""
    make, suffix, settings, channel, scale, offset = CASES[name]
    found = smilejax.read(folder(tmp_path, make, suffix), ReadSettings(**settings))
    assert isinstance(found, Faces)
    assert found.source.layout == name
    assert (len(found), found.rate_hz, set(found.length.tolist())) == (4, 25.0, {FRAMES})
    assert (found.participant, found.label.tolist()) == (("001", "001", "002", "002"), [0, 1, 0, 1])
    assert found.trial == NAMES
    expected = np.where(np.arange(FRAMES) == 3, np.nan, scale * SMILE + offset)
    for row in range(4):
        np.testing.assert_allclose(found.values[row, :, found.channels.index(channel)], expected, atol=1e-3)
    if channel == "AU12":
        half = np.where(np.arange(FRAMES) == 3, np.nan, scale * SMILE / 2 + offset)
        np.testing.assert_allclose(found.values[0, :, found.channels.index("AU06")], half, atol=1e-3)


def test_every_reader_of_a_tracker_has_a_case() -> None:
    assert {reader.name for reader in FACE_READERS} == {*CASES, "faces"}


def test_each_table_is_recognised_by_one_reader(tmp_path: Path) -> None:
    for name, (make, suffix, *_) in CASES.items():
        path = tmp_path / f"{name}{suffix}"
        path.write_text(make(0))
        assert [reader.name for reader in FACE_READERS if reader.recognises(Given(path), ReadSettings())] == [name]


def one(tmp_path: Path, text: str, name: str = NAMES[0] + ".csv", **settings: object) -> Faces:
    """One file, as for a prediction."""
    path = tmp_path / name
    path.write_text(text)
    found = smilejax.read(path, ReadSettings(**settings), labels="optional")  # type: ignore[arg-type]
    assert isinstance(found, Faces)
    return found


@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_openface_without_face_ids_and_with_two_faces(tmp_path: Path) -> None:
    plain, several = one(tmp_path, openface(0, face_id=False)), one(tmp_path, openface(0, second=True))
    np.testing.assert_array_equal(plain.values, several.values)
    assert plain.channels == ("AU06", "AU12", "AU45")
    assert plain.confidence is not None
    np.testing.assert_allclose(plain.confidence[0], np.where(np.arange(FRAMES) == 3, 0.02, 0.98), rtol=1e-6)
    assert "face 0, found in most frames; 1 other face" in str([f.value for f in several.source.findings])
    assert plain.participant == (NAMES[0],)  # nobody else's, where videos are to be predicted


def test_openface_with_columns_of_the_users_own(tmp_path: Path) -> None:
    """Tables of four videos in one, with names and labels in front."""
    lines = []
    for number, name in enumerate(NAMES):
        head, *rows = openface(number).strip().split("\n")
        label = "posed" if number % 2 == 0 else "genuine"
        lines += [f"video,smiler,label,{head}"] if not number else []
        lines += [f"{name},{who(number)},{label},{row}" for row in rows]
    (tmp_path / "all.csv").write_text("\n".join(lines) + "\n")
    found = smilejax.read(tmp_path / "all.csv")
    assert (found.trial, found.participant, found.label.tolist()) == (NAMES, tuple(map(who, range(4))), [0, 1, 0, 1])


def test_py_feats_videos_of_one_file_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    head, *rows = py_feat(0).strip().split("\n")
    at = head.split(",").index("input")

    def of(path: str) -> list[str]:
        cells = [row.split(",") for row in rows]
        return [",".join([*row[:at], path, *row[at + 1 :]]) for row in cells]

    text = "\n".join([head, *of("/data/a/smile.mp4"), *of("/data/b/smile.mp4")]) + "\n"
    (tmp_path / "both.csv").write_text(text)
    with pytest.warns(DataWarning, match="each video is taken as another smiler's"):
        found = smilejax.read(tmp_path / "both.csv", ReadSettings(rate_hz=25.0), labels="optional")
    assert found.trial == ("/data/a/smile.mp4", "/data/b/smile.mp4")
    assert found.length.tolist() == [FRAMES, FRAMES]


def test_openface_3_is_refused(tmp_path: Path) -> None:
    text = openface(0).replace("AU06_r", "AU02_r").replace("AU12_r", "AU03_r")
    with pytest.raises(ReadError, match="AU02_r holds action unit 6 and AU03_r action unit 12"):
        one(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (openface(0, scale=6.0), "line 6: AU12_r must be between 0 and 5"),
        (blendshapes(0).replace("0.3,0.782", "0.3,78.2"), "line 4: mouthSmileLeft must be between"),
        (affdex(0).replace(f",{100 * SMILE[4]},", ",120,"), "Smile must be between 0 and 100; it is 120"),
        (facereader(0).replace("0.7820\t", "zero\t"), "must be a number or empty; it is 'zero'"),
        (py_feat(0), "has 8 frames and no time"),
    ],
)
@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_what_is_wrong_is_named_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        one(tmp_path, text)


@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_affdex_scores_are_action_units(tmp_path: Path) -> None:
    found = one(tmp_path, affdex(0))
    assert found.channels == ("AU12", "AU06", "AU07", "AU43")
    assert found.participant == ("001",)
    np.testing.assert_allclose(found.values[0, 4, :2], [100 * SMILE[4], 50 * SMILE[4]], rtol=1e-5)


@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_a_file_of_pupils_and_face_asks_which(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="holds pupils and a face: which of them is meant"):
        one(tmp_path, facet(0, pupils=True), "a.txt")
    found = one(tmp_path, facet(0, pupils=True), "a.txt", layout="imotions")
    assert found.channels == ("AU06", "AU12")


@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_letters_of_facereader_are_numbers_in_their_order(tmp_path: Path) -> None:
    found = one(tmp_path, facereader(0, letters=True), "a.txt")
    wanted = [np.nan if at == 3 else min(int(5 * smile), 4) + 1 for at, smile in enumerate(SMILE)]
    np.testing.assert_array_equal(found.values[0, :, 1], np.array(wanted, np.float32))
    assert set(found.values[0, [0, 1, 2, 4], 0].tolist()) == {0.0}
    with pytest.raises(ReadError, match="letters in some cells and numbers in others"):
        one(tmp_path, facereader(0, letters=True).replace("NotActive", "0.3"), "a.txt")


def test_names_from_a_table_of_videos(tmp_path: Path) -> None:
    """As UvA-NEMO's details: file name with its suffix, subject, label."""
    data = tmp_path / "data"
    data.mkdir()
    folder(data, openface)
    details = tmp_path / "details.csv"
    rows = [
        f"{name}.mp4,s{name[:3]},{20 + k},{'posed' if 'deliberate' in name else 'genuine'}"
        for k, name in enumerate(NAMES)
    ]
    details.write_text("name,subject,age,label\n" + "\n".join(rows) + "\n")
    found = smilejax.read(data, ReadSettings(join=(str(details),)))
    assert (found.participant, found.label.tolist()) == (("s001", "s001", "s002", "s002"), [0, 1, 0, 1])
    details.write_text("\n".join(details.read_text().splitlines()[:-1]))
    with pytest.raises(ReadError, match="no row for the video '002_spontaneous_smile_2'"):
        smilejax.read(data, ReadSettings(join=(str(details),)))


def test_the_smiler_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="who smiles is not named") as caught:
        smilejax.read(folder(tmp_path, openface))
    assert "file: {participant}_{label}_*" in str(caught.value)
    with pytest.raises(SettingsError, match="does not fit the pattern"):
        smilejax.read(tmp_path, ReadSettings(names_from=("file: {participant}-{label}",)))


def test_tables_of_two_programs_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / f"{NAMES[0]}.csv").write_text(openface(0))
    (tmp_path / f"{NAMES[1]}.csv").write_text(py_feat(1))
    with pytest.raises(ReadError, match="each program measures in a scale of its own"):
        smilejax.read(tmp_path, ReadSettings(names_from=PATTERN, rate_hz=25.0))
