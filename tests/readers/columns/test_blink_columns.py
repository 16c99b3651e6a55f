"""Blinks that the tracker reports, read from a tidy table."""

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.settings import ReadSettings

HEAD = "subject,trial,time,left,right,label"


@pytest.fixture
def blinking(tidy, rows):
    """A file of two trials of six samples; `cells` are the cells of further columns under `heads`, row by row."""

    def of(cells, heads="blink", **given):
        lines = [*rows(**given), *rows(trial="b", label="genuine", first=4.0, **given)]
        assert len(cells) == len(lines)
        return tidy(*[f"{line},{cell}" for line, cell in zip(lines, cells, strict=True)], head=f"{HEAD},{heads}")

    return of


def eyes(trials):
    """Blinks of both trials one after the other, left and right eye."""
    return [trials.blink[..., eye].ravel().astype(int).tolist() for eye in (0, 1)]


MARKS = [0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1]


def test_one_column_is_of_both_eyes(blinking, found):
    t = read(blinking(MARKS))
    assert t.blink.shape == t.pupil.shape
    assert eyes(t) == [MARKS, MARKS]
    assert found(t, "column: blink") == "'blink'"
    assert found(t, "samples in a blink") == "4 of 12 (33.3%)"


def test_a_column_for_each_eye(blinking, found):
    t = read(blinking([f"{m},{int(i == 5)}" for i, m in enumerate(MARKS)], "R_Blink,L_Blink"))
    assert eyes(t) == [[int(i == 5) for i in range(12)], MARKS]
    assert (found(t, "column: blink_left"), found(t, "column: blink_right")) == ("'L_Blink'", "'R_Blink'")
    assert found(t, "samples in a blink") == "left: 1 of 12 (8.3%), right: 4 of 12 (33.3%)"


def test_the_column_of_one_eye_is_of_that_eye_only(blinking):
    assert eyes(read(blinking(MARKS, "BlinkLeft"))) == [MARKS, [0] * 12]
    assert eyes(read(blinking(MARKS, "BlinkRight"))) == [[0] * 12, MARKS]


def test_an_eyes_own_column_goes_before_that_of_both(blinking):
    t = read(blinking([f"{m},{int(i == 5)}" for i, m in enumerate(MARKS)], "blink,blink_right"))
    assert eyes(t) == [MARKS, [int(i == 5) for i in range(12)]]


def test_blinks_change_nothing_else(blinking, tidy):
    t, without = read(blinking(MARKS)), read(tidy())
    np.testing.assert_array_equal(t.pupil, without.pupil)
    assert without.blink is None
    extra = [f for f in t.source.findings if "blink" in f.what]
    assert [f.what for f in extra] == ["column: blink", "samples in a blink"]
    assert tuple(f for f in t.source.findings if f not in extra) == without.source.findings


YES = ["1", "true", "TRUE", "True", "yes", "Yes", "1.0", " 1 ", "1e0", "+1", "01", "YES"]
NO = ["0", "false", "FALSE", "no", "No", "0.0", "", " ", "NA", "NaN", ".", "n/a"]


def test_every_spelling_of_yes_and_no(blinking):
    assert eyes(read(blinking(YES)))[0] == [1] * 12
    assert eyes(read(blinking(NO)))[0] == [0] * 12


@pytest.mark.parametrize("head", ["BKID", "blink id", "Blink ID"])
def test_numbered_blinks(blinking, head):
    cells = ["", "0", "1", "1", "0.0", "", "NaN", "2", "17", "1e3", "0.5", "2.0"]
    assert eyes(read(blinking(cells, head)))[0] == [0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1]


def test_numbered_blinks_of_one_eye(blinking):
    assert eyes(read(blinking([7 * m for m in MARKS], "blink id left"))) == [MARKS, [0] * 12]


@pytest.mark.parametrize("value", ["2", "-1", "0.5", "inf", "-inf", "1e400", "x", "yess", "t", "1 0", "9" * 25])
@pytest.mark.parametrize(("head", "hint"), [("blink", ""), ("blink_left", " left"), ("Right Blink", " right")])
def test_anything_else_is_refused_where_it_stands_first(blinking, value, head, hint):
    cells = [*map(str, MARKS[:8]), value, "odd", value, "0"]
    with pytest.raises(ReadError) as caught:
        read(blinking(cells, head))
    flag = "blink" + hint.replace(" ", "_")
    assert str(caught.value).endswith(
        f"pupil.csv, line 10, column {head!r}: a blink must be 1, true or yes, and no blink 0, false, no or empty; the "
        f"cell holds {value!r}. If the column numbers the blinks, call it 'blink id{hint}'; if it holds something else, "
        f"rename it, or name the right one: {flag} NAME"
    )


@pytest.mark.parametrize("value", ["-1", "-0.5", "inf", "1e400", "x", "1;2"])
def test_odd_numbers_of_blinks_are_refused(blinking, value):
    with pytest.raises(ReadError, match=rf"pupil.csv, line 13, column 'BKID': .*the cell holds '{value}'"):
        read(blinking([*[0] * 11, value], "BKID"))


def test_decimal_comma(write):
    lines = [f"p;a;{20 * i};3,{i};4,1;posed;{'1,0' if i == 3 else '0,0'}" for i in range(6)]
    path = write("a.csv", "\n".join((HEAD.replace(",", ";") + ";blink", *lines)) + "\n")
    assert eyes(read(path, ReadSettings(decimal=",")))[0] == [0, 0, 0, 1, 0, 0]


def test_columns_that_were_named(blinking, found):
    both = [f"{m},{int(i == 5)}" for i, m in enumerate(MARKS)]
    five = [int(i == 5) for i in range(12)]
    path = blinking(both, "shut,blink")
    assert eyes(read(path)) == [five, five]
    t = read(path, ReadSettings(blink="Shut"))
    assert eyes(t) == [MARKS, MARKS]
    assert [f.how for f in t.source.findings if f.what == "column: blink"] == ["given"]
    assert eyes(read(path, ReadSettings(blink_right="shut"))) == [five, MARKS]
    assert eyes(read(path, ReadSettings(blink="blink", blink_left="shut"))) == [MARKS, five]
    assert eyes(read(blinking(both, "shut,BlinkLeft"), ReadSettings(blink="shut"))) == [MARKS, MARKS]
    with pytest.raises(ReadError, match=r"no column 'lid' \(blink_right\)"):
        read(path, ReadSettings(blink_right="lid"))
    with pytest.raises(ReadError, match=r"column 'left'.*the cell holds '3.00'"):
        read(blinking(both, "shut,blink"), ReadSettings(blink="left", left="right"))


def test_a_label_that_speaks_of_blinks_is_none(tidy, rows):
    lines = [*rows(label="many"), *rows(trial="b", label="few")]
    t = read(
        tidy(*lines, head=HEAD.replace("label", "blink_condition")),
        ReadSettings(label="blink_condition", classes=("few", "many")),
    )
    assert (t.blink, t.label.tolist()) == (None, [1, 0])
    t = read(tidy(*lines, head=HEAD.replace("label", "Blink")), ReadSettings(label="Blink", classes=("few", "many")))
    assert (t.blink, t.label.tolist()) == (None, [1, 0])


def test_blinks_follow_their_rows(tidy, rows):
    late = [f"{line},{int(i == 1)}" for i, line in enumerate(rows(trial="z", label="genuine"))]
    early = [f"{line},{int(i == 4)}" for i, line in enumerate(rows(trial="a"))]
    mixed = [f"p1,,0,3,3,,{'' if k else 1}\n{x}\n{y}" for k, (x, y) in enumerate(zip(late, early, strict=True))]
    t = read(tidy(*mixed, head=f"{HEAD},is_blink"))
    assert t.trial == ("z", "a")
    assert eyes(t)[0] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_one_eye_and_blinks_of_the_other(write):
    lines = [f"p,a,{20 * i},3.{i},posed,{i // 4}" for i in range(6)]
    t = read(write("one.csv", "\n".join(["subject,trial,time,RPupil,label,in_blink", *lines])))
    assert np.isnan(t.pupil[..., 0]).all()
    assert eyes(t) == [[0, 0, 0, 0, 1, 1]] * 2


@pytest.mark.parametrize(
    "values",
    [
        pd.array([True, False, None, True, False, None], "boolean"),
        pd.array([1, 0, None, 1, 0, None], "Int64"),
        pd.Categorical(["yes", "no", None, "yes", "no", "no"]),
        np.array([1, 0, np.nan, 1, 0, 0], np.float32),
        np.array([1, 0, 0, 1, 0, 0], np.uint8),
        np.array([True, False, False, True, False, False]),
        np.array([True, False, None, 1, "0", ""], object),
    ],
    ids=lambda v: str(v.dtype),
)
def test_kinds_of_cells(tmp_path, values):
    names = {"id": ["p"] * 6, "trial": ["a"] * 6, "time": np.arange(6) * 20, "left": np.linspace(3, 4, 6)}
    frame = pd.DataFrame(names | {"label": ["posed"] * 6, "blink": values})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    if values.dtype != object:  # Parquet holds one kind of cell in a column
        frame.to_parquet(tmp_path / "a.parquet")
    for path in tmp_path.iterdir():
        assert eyes(read(path)) == [[1, 0, 0, 1, 0, 0]] * 2


def test_eyelink_sample_report(write):
    head = "RECORDING_SESSION_LABEL\tTRIAL_INDEX\tTIMESTAMP\tRIGHT_PUPIL_SIZE\tLEFT_IN_BLINK\tRIGHT_IN_BLINK\tsmile"
    lines = [f"s1\t1\t{7000 + 2 * i}\t{900 + i}.00\t.\t{i // 3}\tposed" for i in range(6)]
    path = write("report.txt", "\n".join((head, *lines)))
    t = read(path, ReadSettings(participant="RECORDING_SESSION_LABEL", trial="TRIAL_INDEX"))
    assert eyes(t) == [[0] * 6, [0, 0, 0, 1, 1, 1]]


def test_irregular_timestamps_lose_no_blink(blinking, found):
    times = [0, 20, 40, 67, 73, 100]
    for row in range(6):
        t = read(blinking([int(i == row) for i in range(6)] + [0] * 6, times=times))
        assert found(t, "trials interpolated") == "2 of 2"
        at = times[row] * t.rate_hz / 1000
        marks = np.flatnonzero(t.blink[0, :, 0])
        assert {int(np.floor(at)), int(np.ceil(at))} & set(range(t.length[0])) <= set(marks.tolist())
        assert (np.abs(marks - at) < 2).all()
        assert not t.blink[1].any()


def test_absent_rows(blinking):
    t = read(blinking(MARKS, times=[0, 20, 60, 80, 100, 120]))
    assert eyes(t)[0] == [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def test_a_long_file(tmp_path):
    n, per = 120_000, 600
    rng = np.random.default_rng(8)
    blink = rng.random((n, 2)) < 0.05
    k = np.arange(n) // per
    frame = pd.DataFrame({"id": k // 8, "trial": k, "time": np.arange(n) % per / 60, "left": rng.uniform(3, 4, n)})
    frame["label"] = np.where(k % 2, "posed", "genuine")
    frame["BlinkLeft"], frame["BlinkRight"] = np.where(blink[:, 0], "TRUE", "FALSE"), blink[:, 1].astype(int)
    frame.to_csv(tmp_path / "long.csv", index=False)
    t = read(tmp_path / "long.csv")
    np.testing.assert_array_equal(t.blink, blink.reshape(-1, per, 2))


def test_real_file_reports_none_and_is_the_same_with_blinks(real_file, tmp_path):
    without = read(real_file, settings := ReadSettings(classes=("Easy", "Hard")))
    assert without.blink is None
    assert not any("blink" in f.what for f in without.source.findings)
    frame = pd.read_csv(real_file)
    frame.insert(0, "Blink", frame["LPupil"] == -1)
    frame.to_csv(tmp_path / "blinks.csv", index=False)
    t = read(tmp_path / "blinks.csv", settings)
    np.testing.assert_array_equal(t.blink, np.isnan(t.pupil[..., :1]).repeat(2, axis=2))
    np.testing.assert_array_equal(t.pupil, without.pupil)
    assert tuple(f for f in t.source.findings if "blink" not in f.what) == without.source.findings
