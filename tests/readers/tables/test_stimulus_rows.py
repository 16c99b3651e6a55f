"""A table of stimuli: which column names them, what a covariate is, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import smilejax
from smilejax._util.errors import ReadError, SettingsError
from smilejax._util.json_files import sha256_of_bytes
from smilejax.recordings.stimulus_table import Covariate, StimulusTable

LINES = "stimulus,source,luminance\nA1,AFEW,70.2\nH1,MAHNOB,75.8\n"
COVARIATES = (Covariate("source", words=("AFEW", "MAHNOB")), Covariate("luminance", numbers=(70.2, 75.8)))


def test_every_kind_of_table(write, tmp_path) -> None:
    frame = pd.DataFrame({"stimulus": ["A1", "H1"], "source": ["AFEW", "MAHNOB"], "luminance": [70.2, 75.8]})
    frame.to_excel(tmp_path / "s.xlsx", index=False)
    frame.to_parquet(tmp_path / "s.parquet")
    write("s.csv", LINES)
    write("s.tsv", LINES.replace(",", "\t"))
    for given in (frame, *(tmp_path / f"s.{suffix}" for suffix in ("csv", "tsv", "xlsx", "parquet"))):
        table = smilejax.read_stimulus_table(given)
        assert (table.stimuli, table.covariates, table.notes) == (("A1", "H1"), COVARIATES, ())
        assert (table.sha256 is None) == (given is frame)
    assert smilejax.read_stimulus_table(tmp_path / "s.csv").sha256 == sha256_of_bytes(LINES.encode())


def test_the_column_of_stimuli() -> None:
    """Recognised, named, or headed as in the recordings."""

    def frame(head: str) -> pd.DataFrame:
        return pd.DataFrame({"size": [1.0, 2.0], head: ["A1", "H1"]})

    for head in ("video", "Stimulus_ID", "clip name"):
        assert smilejax.read_stimulus_table(frame(head)).stimuli == ("A1", "H1")
    assert smilejax.read_stimulus_table(frame("Szene"), stimulus="szene").stimuli == ("A1", "H1")
    recording = pd.DataFrame({"id": 1, "trial": [1] * 5 + [2] * 5, "time_ms": [*range(0, 100, 20)] * 2, "left_mm": 3.1})
    recording = recording.assign(label=["fake"] * 5 + ["real"] * 5, Szene=["A1"] * 5 + ["H1"] * 5)
    trials = smilejax.read(recording, smilejax.ReadSettings(stimulus="Szene"))
    assert smilejax.read_stimulus_table(frame("Szene"), recordings=trials).stimuli == ("A1", "H1")
    assert smilejax.read_stimulus_table(frame("video"), recordings=trials).stimuli == ("A1", "H1")
    with pytest.raises(
        ReadError, match=r"no column names the stimuli\. Head that column 'stimulus', or .* 'size', 'Szene'\."
    ):
        smilejax.read_stimulus_table(frame("Szene"))
    with pytest.raises(ReadError, match=r"no column names the stimuli\. Head that column 'Clip'; the columns are"):
        smilejax.read_stimulus_table(frame("video"), stimulus="Clip")


def test_empty_cells_and_words_for_missing_are_no_values(write) -> None:
    table = smilejax.read_stimulus_table(write("s.csv", "video,sound,size\na,none,1\nb,,n/a\nc,loud,3\n"))
    assert table.covariates == (
        Covariate("sound", words=("none", "", "loud")),
        Covariate("size", numbers=(1.0, None, 3.0)),
    )


def test_numbers_keep_their_digits(tmp_path) -> None:
    """A whole number of a workbook's column with a gap, decimal commas, and numbers among objects."""
    frame = pd.DataFrame({"video": [1, 2, 3], "size": [70.123456789012, None, 3], "on": [True, False, True]})
    frame.astype({"size": object}).to_excel(tmp_path / "s.xlsx", index=False)
    table = smilejax.read_stimulus_table(tmp_path / "s.xlsx")
    assert table.stimuli == ("1", "2", "3")
    assert table.covariates == (
        Covariate("size", numbers=(70.123456789012, None, 3.0)),
        Covariate("on", words=("True", "False", "True")),
    )
    (tmp_path / "s.csv").write_text("video;size\na;70,25\nb;80\n")
    table = smilejax.read_stimulus_table(tmp_path / "s.csv")
    assert table.covariates[0].numbers == (70.25, 80.0)
    assert table.notes == ("The commas in size are decimal commas.",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "video,size\na,1\nb,2\na,3\n",
            r"s\.csv, line 4: stimulus 'a' stands in line 2 already, where 'size' is '1' and not '3'",
        ),
        ("video,size\na,1\n,2\n", r"line 3: every row names its stimulus; this one does not"),
        ("video\na\nb\n", "has a covariate besides the column 'video'"),
        ("video,size,Size\na,1,2\n", "two columns are called 'size'"),
        ("video,size\na,1\nb,two\n", r"line 3, column 'size': a covariate is numbers or words; 1 cells .* holds 'two'"),
        ("video;size\na;1,000\nb;2,500\n", "the comma of '1,000' can be a decimal comma or stand between thousands"),
        ("video;size\na;1,5\nb;2.5\n", "the comma of '1,5' can be a decimal comma"),
        ("video,size\n", "no row below"),
    ],
)
def test_what_is_refused(write, text, message) -> None:
    with pytest.raises(ReadError, match=message):
        smilejax.read_stimulus_table(write("s.csv", text))


def test_two_columns_that_could_name_the_stimuli(write) -> None:
    """The better heading names them; a covariate cannot be called `stimulus`, which tables of a study call the names."""
    path = write("s.csv", "stimulus,video\na,x\nb,x\n")
    assert smilejax.read_stimulus_table(path).covariates == (Covariate("video", words=("x", "x")),)
    with pytest.raises(ReadError, match="the column 'video' names the stimuli, and so does 'stimulus' by its heading"):
        smilejax.read_stimulus_table(path, stimulus="video")


def test_equal_rows_are_one_and_unnamed_columns_none(write) -> None:
    table = smilejax.read_stimulus_table(write("s.csv", ",video,size\n1,a,5\n2,b,6\n3,a,5\n"))
    assert (table.stimuli, table.covariates) == (("a", "b"), (Covariate("size", numbers=(5.0, 6.0)),))


def test_other_arguments_are_refused() -> None:
    with pytest.raises(SettingsError, match="path must be a path or a DataFrame; it is 3"):
        smilejax.read_stimulus_table(3)
    with pytest.raises(ReadError, match="a number must be finite"):
        smilejax.read_stimulus_table(pd.DataFrame({"video": ["a"], "size": [np.inf]}))


def test_a_table_that_contradicts_itself() -> None:
    one = Covariate("size", numbers=(1.0, 2.0))
    for given, message in (
        ((("a", "a"), (one,)), "each stimulus must stand once in a stimulus table; 'a' does not"),
        ((("a", "b"), (one, one)), "each covariate must stand once in a stimulus table; 'size' does not"),
        ((("a", "b"), ()), "at least one covariate"),
        ((("a",), (one,)), "one value for each of 1 stimuli; 'size' has 2"),
    ):
        with pytest.raises(smilejax.SmilejaxError, match=message):
            StimulusTable("mine", *given)
    with pytest.raises(smilejax.SmilejaxError, match="must be numbers or words, one of both"):
        Covariate("size")
    with pytest.raises(smilejax.SmilejaxError, match="must be finite; one is nan"):
        Covariate("size", numbers=(float("nan"),))
