"""What is read of folders: recordings in their folders, files beside recordings, and what may not be put together."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from helpers.tracker_files import gazepoint, neon, pupil_core
from helpers.tracker_files.simulated_pupils import simulated

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

PUPILS = simulated(40)
RULE = ReadSettings(trials_from="ONSET_{trial}", label_from="trial: A* = posed, * = genuine")
BY_FOLDER = ReadSettings(
    trials_from="ONSET_{trial}", label_from="trial: A* = posed, * = genuine", names_from=("file: {participant}/000",)
)
EYES = ReadSettings(rate_hz=50, label_from="sheet: A* = posed, * = genuine")


def cloud(folder: Path, wearer: str | None, recording: str = neon.FIRST) -> Path:
    clock = neon.nanoseconds(PUPILS)
    onsets = [(recording, int(clock[i]), name) for i, name in ((0, "ONSET_A1"), (20, "ONSET_H1"))]
    return neon.cloud(folder, PUPILS, recordings=(recording,), events=onsets, wearer=wearer)


def core(recording: Path, export: str = "000", *, start: float = 100.0) -> Path:
    folder = recording / "exports" / export
    pupil_core.export(folder, PUPILS, start=start)
    at = [(start + float(PUPILS.seconds[i]) - 0.001, name, "x") for i, name in ((0, "ONSET_A1"), (20, "ONSET_H1"))]
    pupil_core.annotations(folder, at)
    return recording


def trials_of(trials: Trials) -> list[tuple[str, str]]:
    return list(zip(trials.participant, trials.trial, strict=True))


def test_the_folder_of_several_neon_exports(tmp_path: Path) -> None:
    for who in ("Anna", "Ben"):
        cloud(tmp_path / "Timeseries Data" / f"rec-{who}", who)
    (tmp_path / "Timeseries Data" / "enrichment_info.txt").write_text("about\n")
    trials = read(tmp_path, RULE)
    assert trials_of(trials) == [("Anna", "A1"), ("Anna", "H1"), ("Ben", "A1"), ("Ben", "H1")]
    np.testing.assert_allclose(trials.pupil[2], PUPILS.pupil[:20], rtol=1e-6)
    (tmp_path / "sections.csv").write_text("recording id\n")  # beside the folders of recordings
    assert any(f.what == "files left out" and "sections.csv" in f.value for f in read(tmp_path, RULE).source.findings)


def test_several_recordings_in_one_neon_table_have_their_wearers_in_the_sections(tmp_path: Path) -> None:
    folder = cloud(tmp_path / "a", None)
    other = cloud(tmp_path / "b", None, neon.SECOND)
    for name in ("3d_eye_states.csv", "events.csv"):
        _, rows = (other / name).read_text().split("\n", 1)
        (folder / name).write_text((folder / name).read_text() + rows)
    shutil.rmtree(other)
    with pytest.raises(ReadError, match=r"no column with the participant .*Here they are the file 'a', the recording"):
        read(folder, RULE)
    sections = f"section id,recording id,wearer name\ns,{neon.FIRST},Anna\nt,{neon.SECOND},Ben\n"
    (folder / "sections.csv").write_text(sections)
    trials = read(folder, RULE)
    assert trials_of(trials) == [("Anna", "A1"), ("Anna", "H1"), ("Ben", "A1"), ("Ben", "H1")]


def test_recordings_of_pupil_core_are_called_by_their_folders(tmp_path: Path) -> None:
    for who in ("P1", "P2"):
        core(tmp_path / who / "000")
    with pytest.raises(ReadError, match=r"names_from 'file: \{participant\}/\*'\. Here they are the file 'P1/000'"):
        read(tmp_path, RULE)
    assert trials_of(read(tmp_path, BY_FOLDER)) == [("P1", "A1"), ("P1", "H1"), ("P2", "A1"), ("P2", "H1")]
    core(tmp_path / "P2" / "000", "001")
    with pytest.raises(ReadError, match=r"2 exports of one recording, '000', '001'.* Give the one"):
        read(tmp_path, BY_FOLDER)
    chosen = read([tmp_path / "P1" / "000", tmp_path / "P2" / "000" / "exports" / "001"], BY_FOLDER)
    assert set(chosen.participant) == {"P1", "P2"}


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("user_info.csv", "key,value\nname,Anna\nadditional_field,change_me\n", "Anna"),
        ("info.player.json", json.dumps({"recording_name": "P07"}), "P07"),
        ("info.csv", "Recording Name,P08\nStart Date,14.06.2019\n", "P08"),
        ("info.player.json", json.dumps({"recording_name": "2019_06_14"}), None),
        ("user_info.csv", "key,value\nname,\n", None),
    ],
)
def test_the_participant_of_pupil_core(tmp_path: Path, file: str, text: str, name: str | None) -> None:
    recording = core(tmp_path / "000")
    (recording / file).write_text(text)
    if name is None:  # the name of a day is nobody's
        with pytest.raises(ReadError, match="no column with the participant"):
            read(recording, RULE)
    else:
        assert set(read(recording, RULE).participant) == {name}
        assert set(read(recording / "exports" / "000", RULE).participant) == {name}


def test_an_export_with_gaze_and_no_pupils_says_so(tmp_path: Path) -> None:
    (cloud(tmp_path / "neon", "Anna") / "3d_eye_states.csv").unlink()
    for name in ("gaze.csv", "world_timestamps.csv"):
        (tmp_path / "neon" / name).write_text("timestamp [ns]\n1\n")
    with pytest.raises(ReadError, match=r"holds gaze, and no 3d_eye_states.csv"):
        read(tmp_path / "neon", RULE)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "gaze_positions.csv").write_text("gaze_timestamp\n1\n")
    with pytest.raises(ReadError, match=r"holds gaze, and no pupil_positions.csv"):
        read(tmp_path / "core", RULE)


def books(folder: Path) -> Path:
    for eye in ("left", "right"):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, value in (("A1", 3.1), ("H1", 3.4)):
            sheet = book.create_sheet(title)
            sheet.append([None, "p1", "p2"])
            for i in range(6):
                sheet.append([None, value + i / 100, value + 0.5 - i / 100])
        book.save(folder / f"{eye}.xlsx")
    return folder


@pytest.mark.parametrize("beside", ["README.md", "README.txt", "map.toml"])
def test_two_eyes_in_two_workbooks_with_a_text_beside_them(tmp_path: Path, beside: str) -> None:
    """The text once made the two workbooks two tables, and each trial its left eye followed by its right one."""
    alone = read(books(tmp_path), EYES)
    (tmp_path / beside).write_text("about = 'these'\n")
    trials = read(tmp_path, EYES)
    assert trials.pupil.shape == alone.pupil.shape == (4, 6, 2)
    np.testing.assert_array_equal(trials.pupil, alone.pupil)


def test_rows_of_one_trial_in_two_files_without_a_time_are_refused(tmp_path: Path) -> None:
    books(tmp_path)
    with pytest.raises(
        ReadError, match=r"trial 'A1' begins in left.xlsx.* give the folder that holds both files alone"
    ):
        read([tmp_path / "left.xlsx", tmp_path / "right.xlsx"], EYES)


MEDIA = ReadSettings(label_from="stimulus: A* = posed, * = genuine", names_from=("file: {participant}_all_gaze",))


def test_a_folder_of_gazepoint_with_its_tables_of_fixations(tmp_path: Path) -> None:
    pupils = simulated()
    for user in ("User 0", "User 1"):
        gazepoint.all_gaze(tmp_path / f"{user}_all_gaze.csv", pupils)
        rows = (tmp_path / f"{user}_all_gaze.csv").read_text().splitlines()
        (tmp_path / f"{user}_fixations.csv").write_text("\n".join([rows[0], *rows[1::20]]) + "\n")
    (tmp_path / "Data_Summary_export_1.csv").write_text("AOI Summary\n1\n")
    trials = read(tmp_path, MEDIA)
    assert trials_of(trials) == [(u, m) for u in ("User 0", "User 1") for m in ("H1.avi", "A1.avi")]
    assert trials.length.tolist() == [160, 80] * 2
    with pytest.raises(ReadError, match=r"table of fixations, with a row for each. Give the table of all samples"):
        read(tmp_path / "User 0_fixations.csv", MEDIA)


def test_files_without_a_participant_are_several_people_where_they_are_predicted(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        gazepoint.all_gaze(tmp_path / name, PUPILS)
    trials = read(tmp_path, labels="optional")
    assert set(trials.participant) == {"a.csv", "b.csv"}


def test_files_of_one_name_are_known_by_their_folders(tidy: Callable[..., Path], tmp_path: Path) -> None:
    head = "trial,time,left,label"
    rows = [f"{t},{20 * i},{3 + i / 10},{label}" for t, label in (("a", "posed"), ("b", "genuine")) for i in range(5)]
    paths = [tidy(*rows, head=head, name=f"{who}/gaze.csv") for who in ("P1", "P2")]
    trials = read(paths, ReadSettings(names_from=("file: {participant}/gaze",)))
    assert sorted(set(trials.participant)) == ["P1", "P2"]
    with pytest.raises(
        ReadError, match=r"no file that could be read. It holds: 'P1/', 'P2/'. Give the files in its folders"
    ):
        read(tmp_path)
    with pytest.raises(ReadError, match="is given twice"):
        read([paths[0], paths[0]])


def test_what_is_wrong_with_a_file_of_a_folder_may_be_that_it_is_there(
    tidy: Callable[..., Path], tmp_path: Path
) -> None:
    tidy()
    (tmp_path / "log.csv").write_text("a,b\n1,2\n")
    with pytest.raises(
        ReadError, match=r"log.csv: no column with the pupil.* take it out of the folder, or give the files"
    ):
        read(tmp_path)


def test_a_text_that_is_called_xls(tidy: Callable[..., Path], tmp_path: Path) -> None:
    path = tidy(name="report.xls")
    assert len(read(path)) == 2
    assert len(read(tmp_path)) == 2
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    with pytest.raises(
        ReadError, match=r"workbooks of Excel 97 \(.xls\) are not read. Open it in Excel, and save it as .xlsx"
    ):
        read(path)


def test_an_hdf5_file_that_is_not_iohubs_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "p1.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(ReadError, match=r"not ioHub's.* pandas.read_hdf\('p1.h5', 'gaze'\).to_csv\('p1.csv'\)"):
        read(path)


def test_json_beside_recordings_is_left_out_and_said(tidy: Callable[..., Path], tmp_path: Path) -> None:
    tidy()
    (tmp_path / "participants.json").write_text('{"age": "in years"}')
    trials = read(tmp_path)
    assert len(trials) == 2
    assert any((f.what, f.value) == ("files left out", "'participants.json'") for f in trials.source.findings)
    with pytest.raises(ReadError, match="the layout is not recognised"):
        read(tmp_path / "participants.json")


def test_what_is_wrong_with_a_recording_of_a_folder_is_said_alone(tidy: Callable[..., Path], tmp_path: Path) -> None:
    tidy()
    tidy("p2,a,0,x,3.1,posed", name="second.csv")
    with pytest.raises(ReadError, match=r"second.csv, line 2, column 'left'.*or a number that missing names\.$"):
        read(tmp_path)


def test_two_sessions_of_one_person_are_told_apart_by_their_files(tidy: Callable[..., Path]) -> None:
    """The class follows from the trial's own name, not from that with the session before it."""
    head = "subject,trial,time,left"
    rows = [f"p1,{trial},{20 * i},{3 + i / 10}" for trial in ("A1", "H1") for i in range(5)]
    paths = [tidy(*rows, head=head, name=f"p1_{session}.csv") for session in ("mon", "tue")]
    rule = "trial: A* = posed, * = genuine"
    with pytest.raises(
        ReadError, match=r"in the file 'p1_mon.csv' there and 'p1_tue.csv' here.* names_from 'file: \{block\}'"
    ):
        read(paths, ReadSettings(label_from=rule))
    trials = read(paths, ReadSettings(label_from=rule, names_from=("file: p1_{block}",)))
    assert trials_of(trials) == [("p1", f"{s} {t}") for s in ("mon", "tue") for t in ("A1", "H1")]
    assert trials.label.tolist() == [0, 1, 0, 1]
