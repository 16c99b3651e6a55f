"""The project report's layout: left and right eye x two classes."""

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.readers.tables.four_tables import place_of
from smilejax.settings import ReadSettings

CELLS = [("left", "fake"), ("right", "fake"), ("left", "real"), ("right", "real")]
AT_60 = ReadSettings(rate_hz=60.0)


def table(k, trials=3, samples=8):
    """`[samples, trials]`, every number different, all in mm."""
    return 3 + k * 0.5 + np.arange(samples)[:, None] / 100 + np.arange(trials)[None, :] / 10


def frames(names=("p1", "p2", "p3"), samples=8, **kw):
    return {cell: pd.DataFrame(table(k, len(names), samples), columns=list(names)) for k, cell in enumerate(CELLS)}


@pytest.fixture
def folder(tmp_path):
    def of(made, name="{0}_{1}.csv", **kw):
        for (eye, cls), frame in made.items():
            frame.to_csv(tmp_path / name.format(eye, cls), float_format="%.2f", **({"index": False} | kw))
        return tmp_path

    return of


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("left_real", ("left", 1)),
        ("Right Eye Fake Smile", ("right", 0)),
        ("PupilRealLeft", ("left", 1)),
        ("leftposed", ("left", 0)),
        ("LFake2", ("left", 0)),
        ("R-genuine", ("right", 1)),
        ("real_bright_l", ("left", 1)),
        ("left_right_real", None),
        ("left_real_fake", None),
        ("real", None),
        ("left", None),
        ("notes", None),
    ],
)
def test_names_of_tables(name, place):
    assert place_of(name, ("posed", "genuine")) == place


def test_names_with_other_classes():
    assert place_of("left non-smile", ("smile", "non-smile")) == ("left", 1)
    assert place_of("left smile", ("smile", "non-smile")) == ("left", 0)
    assert place_of("left_real", ("Easy", "Hard")) is None
    assert place_of("EasyR", ("Easy", "Hard")) == ("right", 0)


def test_every_number_is_where_it_belongs(folder, found):
    t = read(folder(frames()), AT_60)
    assert t.source.layout == "four-tables"
    assert t.trial == ("p1 posed", "p2 posed", "p3 posed", "p1 genuine", "p2 genuine", "p3 genuine")
    assert t.participant == ("p1", "p2", "p3") * 2
    assert (t.label.tolist(), t.rate_hz, t.unit) == ([0, 0, 0, 1, 1, 1], 60.0, "mm")
    for k in range(4):
        np.testing.assert_allclose(t.pupil[3 * (k // 2) :][:3, :, k % 2].T, table(k), atol=1e-6)
    assert found(t, "orientation") == "a trial is a column"
    assert found(t, "participant") == "the name of the trial; 3 have trials of both classes"
    assert found(t, "table: left eye, genuine") == "left_real.csv"


def test_rows_as_trials_give_the_same(folder, assert_same, tmp_path):
    expected = read(folder(frames()), AT_60)
    turned = {cell: frame.T for cell, frame in frames().items()}
    assert_same(read(folder(turned, index=True, header=False), AT_60), expected)
    assert_same(read(folder(turned, index=True, header=True), AT_60), expected)  # 0, 1, 2, ... above


@pytest.mark.parametrize("suffix", ["tsv", "txt", "parquet", "xlsx"])
def test_other_files(tmp_path, suffix, folder, assert_same):
    expected = read(folder(frames()), AT_60)
    for f in tmp_path.iterdir():
        f.unlink()
    for (eye, cls), frame in frames().items():
        path = tmp_path / f"{eye}_{cls}.{suffix}"
        if suffix == "parquet":
            frame.to_parquet(path)
        elif suffix == "xlsx":
            frame.to_excel(path, index=False)
        else:
            frame.to_csv(path, sep="\t", index=False)
    (tmp_path / "~$left_real.xlsx").write_bytes(b"lock")
    (tmp_path / "notes.txt").write_text("not a table")
    assert_same(read(tmp_path, AT_60), expected)


def test_one_workbook(tmp_path, folder, assert_same):
    expected = read(folder(frames()), AT_60)
    with pd.ExcelWriter(tmp_path / "all.xlsx") as writer:
        pd.DataFrame([["hello"]]).to_excel(writer, sheet_name="read me")
        for (eye, cls), frame in frames().items():
            frame.to_excel(writer, sheet_name=f"{cls.title()} {eye.title()}", index=False)
    assert_same(read(tmp_path / "all.xlsx", AT_60), expected)
    with pytest.raises(
        ReadError, match=r"all.xlsx: four tables are needed.*Found: 'read me', 'Fake Left'.*classes A B"
    ):
        read(tmp_path / "all.xlsx", ReadSettings(layout="four-tables", classes=("Easy", "Hard")))


def test_time_column_gives_the_rate(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    timed = frames()
    for frame in timed.values():
        frame.insert(0, "time (ms)", np.arange(8) * 16.6667)
    assert_same(read(folder(timed)), expected)
    timed[CELLS[1]]["time (ms)"] += 16
    with pytest.raises(
        ReadError, match=r"right_fake.csv: both eyes of a class must have one time; sample 1 has 16 here and 0"
    ):
        read(folder(timed))
    for cell in CELLS[:2]:
        timed[cell] = timed[cell].drop(columns="time (ms)")
    with pytest.raises(ReadError, match=r"tables of one class have a time and those of the other have none"):
        read(folder(timed))


def test_time_row_gives_the_rate(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    timed = {}
    for cell, frame in frames().items():
        timed[cell] = frame.T
        timed[cell].columns = [f"{i * 16.6667:.4f}" for i in range(8)]
        timed[cell].index.name = "time"
    assert_same(read(folder(timed, index=True)), expected)
    last = {cell: pd.concat([f, f.iloc[:1] * 0 + np.arange(8) * 16.67]) for cell, f in timed.items()}
    for frame in last.values():
        frame.index = ["p1", "p2", "p3", "time"]
    assert_same(read(folder(last, index=True, header=False)), expected)


def test_unnamed_rising_axis_is_the_time_and_a_count_is_not(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    rising = {cell: frame.set_axis([f"{i * 16.6667:.4f}" for i in range(8)]) for cell, frame in frames().items()}
    assert_same(read(folder(rising, index=True)), expected)
    with pytest.raises(ReadError, match=r"the samples per second were not given: rate_hz NUMBER"):
        read(folder(frames(), index=True))
    assert_same(read(folder(frames(), index=True), AT_60), expected)


def test_index_beside_a_time_and_late_unnamed_time(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    timed = frames()
    for frame in timed.values():
        frame.insert(0, "time", np.arange(8) * 16.6667)
        frame.insert(2, "sample", np.arange(8))
    assert_same(read(folder(timed, index=True)), expected)
    late = {cell: frame.set_axis([f"{1e6 + i * 16.6667:.4f}" for i in range(8)]) for cell, frame in frames().items()}
    assert_same(read(folder(late, index=True)), expected)


def test_without_headings_positions_are_names(folder, found):
    t = read(folder(frames(), header=False), AT_60)
    assert t.trial[:3] == ("1 posed", "2 posed", "3 posed")
    assert found(t, "trial names") == "none in the tables: their positions"
    assert found(t, "participant") == "the position of the trial; 3 have trials of both classes"
    np.testing.assert_allclose(t.pupil[3:, :, 1].T, table(3), atol=1e-6)


@pytest.mark.parametrize("names", [("0", "1", "2"), ("1", "2", "3"), ("12", "40", "17"), ("1_1", "1_2", "2_1")])
def test_numbers_as_names(folder, names):
    t = read(folder(frames(names)), AT_60)
    assert t.participant[:3] == names
    assert t.length.tolist() == [8] * 6


def test_one_trial_per_table(folder):
    t = read(folder(frames(("p1",))), AT_60)
    assert t.trial == ("p1 posed", "p1 genuine")
    np.testing.assert_allclose(t.pupil[0, :, 1], table(1)[:, 0], atol=1e-6)


def test_samples_named_t0_t1(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    wide = {cell: frame.T.set_axis([f"t{i}" for i in range(8)], axis=1) for cell, frame in frames().items()}
    assert_same(read(folder(wide, index=True), AT_60), expected)


def test_square_table_needs_the_orientation(folder):
    square = {cell: frame.iloc[:, :3] for cell, frame in frames(samples=4).items()}
    for frame in square.values():
        frame.insert(0, "x", 3.0)
    path = folder(square, header=False)
    with pytest.raises(ReadError, match=r"a column or a row\? Here neither .*orientation column or orientation row"):
        read(path, AT_60)
    t = read(path, ReadSettings(rate_hz=60.0, orientation="row"))
    np.testing.assert_allclose(t.pupil[0, :, 0], [3, 3, 3.1, 3.2], atol=1e-6)
    t = read(path, ReadSettings(rate_hz=60.0, orientation="column"))
    np.testing.assert_allclose(t.pupil[1, :, 0], [3, 3.01, 3.02, 3.03], atol=1e-6)


def test_tables_that_stand_differently(folder):
    made = frames()
    made[CELLS[2]] = made[CELLS[2]].T
    with pytest.raises(ReadError, match="the four tables seem to differ"):
        read(folder(made, header=False), AT_60)


def test_eyes_are_paired_by_name(folder, found):
    made = frames()
    made["right", "fake"] = made["right", "fake"][["p3", "p1"]]
    made["right", "real"] = made["right", "real"].rename(columns={"p2": "p9"})
    t = read(folder(made), AT_60)
    assert t.trial == ("p1 posed", "p2 posed", "p3 posed", "p1 genuine", "p2 genuine", "p3 genuine", "p9 genuine")
    assert np.isnan(t.pupil[1, :, 1]).all()
    assert np.isnan(t.pupil[6, :, 0]).all()
    np.testing.assert_allclose(t.pupil[0, :, 1], table(1)[:, 0], atol=1e-6)
    np.testing.assert_allclose(t.pupil[2, :, 1], table(1)[:, 2], atol=1e-6)
    assert (found(t, "one eye only, posed"), found(t, "one eye only, genuine")) == ("p2", "p2, p9")
    assert found(t, "participant") == "the name of the trial; 3 have trials of both classes"


def test_unequal_lengths_and_missing_samples(folder):
    made = {cell: frame.round(2).astype(object) for cell, frame in frames().items()}
    for cell in CELLS[:2]:
        made[cell].loc[5:, "p2"] = ""  # both eyes end here
    made["left", "fake"].loc[6:, "p3"] = ""  # one eye is lost
    made["left", "real"].loc[3, "p1"] = 0
    made["left", "real"].loc[7, "p1"] = -1
    made["right", "real"].loc[7, "p1"] = "NaN"
    t = read(folder(made), AT_60)
    assert t.length.tolist() == [8, 5, 8, 8, 8, 8]
    assert np.flatnonzero(np.isnan(t.pupil[2, :, 0])).tolist() == [6, 7]
    assert np.flatnonzero(np.isnan(t.pupil[3, :, 0])).tolist() == [3, 7]
    assert np.flatnonzero(np.isnan(t.pupil[3, :, 1])).tolist() == [7]


def test_blank_lines_of_a_single_column_are_samples(write, tmp_path):
    for eye, cls in CELLS:
        write(f"{eye}_{cls}.csv", "p1\n3.1\n\n3.3\n3.4\n3.5\n")
    t = read(tmp_path, AT_60)
    assert t.length.tolist() == [5, 5]
    assert np.isnan(t.pupil[0, 1]).all()
    assert t.pupil[0, 2, 0] == np.float32(3.3)


def test_rate_is_needed(folder):
    with pytest.raises(ReadError, match=r"the samples per second were not given: rate_hz NUMBER"):
        read(folder(frames()))


def test_missing_and_doubled_tables(folder, tmp_path):
    path = folder(frames())
    (path / "right_real.csv").rename(path / "other.csv")
    with pytest.raises(
        ReadError, match=r"there is none for the right eye of class 'genuine'. Found: 'left_fake.csv', .*'other.csv'"
    ):
        read(path, AT_60)
    (path / "other.csv").rename(path / "RightGenuine.csv")
    (path / "left posed.txt").write_text("x")
    with pytest.raises(ReadError, match=r"'left posed.txt' and 'left_fake.csv' are both the left eye of class 'posed'"):
        read(path, AT_60)
    (tmp_path / "none").mkdir()
    with pytest.raises(ReadError, match=r"none: this folder has no file that could be read. It holds: nothing"):
        read(tmp_path / "none")
    with pytest.raises(ReadError, match=r"the layout four-tables is a folder with four tables.*this is one file"):
        read(path / "left_fake.csv", ReadSettings(layout="four-tables"))


def test_errors_name_the_cell(folder):
    made = {cell: frame.round(2).astype(object) for cell, frame in frames().items()}
    made["right", "fake"].loc[4, "p2"] = "oops"
    with pytest.raises(
        ReadError, match=r"right_fake.csv, line 6, column 2: a finite number is expected; the cell holds 'oops'"
    ):
        read(folder(made), AT_60)
    made["right", "fake"].loc[4, "p2"] = '"3,14"'
    made["right", "fake"].loc[4, "p2"] = "3,14"
    with pytest.raises(ReadError, match=r"right_fake.csv, line 6, column 2: '3,14' has a decimal comma. .*decimal ,"):
        read(folder(made), AT_60)


def test_decimal_commas(folder, assert_same):
    expected = read(folder(frames()), AT_60)
    path = folder(frames(), sep=";", decimal=",")
    with pytest.raises(ReadError, match="decimal ,"):
        read(path, AT_60)
    assert_same(read(path, ReadSettings(rate_hz=60.0, decimal=",")), expected)
    headless = folder(frames(), sep=";", decimal=",", header=False)
    assert read(headless, ReadSettings(rate_hz=60.0, decimal=",")).participant[:3] == ("1", "2", "3")


def test_names_must_be_there_and_different(folder, write, tmp_path):
    path = folder(frames())
    body = "\n".join("3.1,3.2,3.3" for _ in range(8))
    write("left_real.csv", "p1,p1,p3\n" + body)
    with pytest.raises(ReadError, match=r"left_real.csv: each trial must have its own name; 'p1' stands twice"):
        read(path, AT_60)
    write("left_real.csv", "p1,,p3\n" + body)
    with pytest.raises(ReadError, match=r"left_real.csv: a trial with samples has no name, beside p1, p3"):
        read(path, AT_60)
    write("left_real.csv", body)
    with pytest.raises(
        ReadError, match=r"left_real.csv: this table does not name its trials, while .*right_real.csv does"
    ):
        read(path, AT_60)
    write("left_real.csv", "p1,p2,p3\n" + "\n".join("3.1,,3.3" for _ in range(8)))
    write("right_real.csv", "p1,p2,p3\n" + "\n".join("3.1,,3.3" for _ in range(8)))
    with pytest.raises(ReadError, match=r"left_real.csv: the trial 'p2' holds no sample in either eye"):
        read(path, AT_60)


def test_short_trials(folder):
    with pytest.raises(
        ReadError,
        match=r"samples 1 to 3: a trial must have at least 4 samples; trial 'p1 posed' of participant 'p1' has 3",
    ):
        read(folder(frames(("p1", "p2"), samples=3)), AT_60)
