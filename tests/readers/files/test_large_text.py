"""Large text files are read in chunks, and give what the careful path gives, to the bit."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.examples import at_most
from helpers.same_samples import same_samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.readers.files import arrow_columns, byte_counts, large_text, raw_table, text_records
from smilejax.readers.files.arrow_columns import Fields
from smilejax.readers.files.byte_counts import Counts
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.tables import tidy_table
from smilejax.settings import ReadSettings

HEAD = "participant,trial,time_ms,gaze x,left_mm,right_mm,label,event"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a large one, of chunks of a few lines."""
    monkeypatch.setattr(large_text, "LARGE", 0)
    monkeypatch.setattr(large_text, "CHUNK", 120)
    monkeypatch.setattr(text_records, "SNIFFED_RECORDS", 2)
    monkeypatch.setattr(large_text, "_SAMPLE", 400)


def in_chunks(path: Path) -> bool:
    return (
        large_text.load_chosen_columns(
            Given(path), lambda heads: tidy_table.used_columns("", heads, ReadSettings()), 0, False
        )
        is not None
    )


def both(path: Path, settings: ReadSettings | None = None) -> tuple[Samples | str, Samples | str]:
    """What the chunks and the careful path make of a file: samples, or the error."""
    found: list[Samples | str] = []
    for large in (0, 1 << 40):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(large_text, "LARGE", large)
            try:
                found.append(tidy_table.read(Given(path), settings or ReadSettings()))
            except ReadError as error:
                found.append(str(error))
    return found[0], found[1]


def assert_same(one: Samples | str, other: Samples | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
    else:
        same_samples(one, other)


def lines(rows: int = 60) -> list[str]:
    return [
        f"p{i // 30},{i // 10},{i * 2},{i}.5,{3 + i / 1000},{4 - i / 700},a,{'go' if i % 10 == 0 else ''}"
        for i in range(rows)
    ]


def written(path: Path, rows: list[str], head: str = HEAD, newline: str = "\n") -> Path:
    path.write_bytes(newline.join([head, *rows, ""]).encode())
    return path


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_chunks_give_the_same(small: None, tmp_path: Path, newline: str) -> None:
    path = written(tmp_path / "a.csv", lines(), newline=newline)
    assert in_chunks(path)
    assert_same(*both(path))


@pytest.mark.parametrize(
    ("row", "chunked"),
    [
        ("", True),
        (",,,,,,,", True),
        ('"p1",3,9,1,"3.5",4,"a ""b""",', True),
        ('"","","","","","","",""', True),
        ("p1,3,9,1,NA,N/A,a,", True),
        ("p1,3,9,1,nan,-,a,", True),
        ("p1,3,9,1, 3.5 ,+4,a,", True),
        ("p1,3,9,1,1e-3,2E2,a,", True),
        ("p1,3,9,1,0x1f,4,a,", True),
        ("p1,3,9.5,1,3,4,a,", True),
        ("p1,3,,1,3,4,a,", True),
        ("p1,3,9223372036854775807,1,3,4,a,", True),
        ("p1,3,92233720368547758070,1,3,4,a,", True),
        ("1.0,3,9,1,3,4,a,", True),
        ("1,3,9,1,3,4,a,", True),
        ("p\u00e9,3,9,1,3,4,a,", True),
        ('p1,3,9,1,3,4,"a\nb",', False),
        ('p1,3,9,1,3,4,a"b"c,', False),
        ("p1,3,9,1,3,4,a,,", False),
        ("   ", False),
    ],
)
def test_odd_lines_far_down_give_the_same(small: None, tmp_path: Path, row: str, chunked: bool) -> None:
    path = written(tmp_path / "a.csv", [*lines(40), row, *lines(20)])
    assert in_chunks(path) is chunked
    assert_same(*both(path))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("p1,3,9,1,3,4", "line 42: every line must have as many fields as the first, 8; this one has 6"),
        ("p1,3,9,1,3,4,a,b,c", "line 42: every line must have as many fields as the first, 8; this one has 9"),
        ("p1,3,9,1,inf,4,a,", "line 42, column 'left_mm': a finite number is expected; the cell holds 'inf'"),
        ("p1,3,9,1,3..1,4,a,", "line 42, column 'left_mm': a finite number is expected; the cell holds '3..1'"),
        ("p1,3,9,1,1e999,4,a,", "line 42, column 'left_mm'"),
        ("p1,3,9,1,-nan,4,a,", "line 42, column 'left_mm'"),
        ("p1,3,9,1,3,4,a\0,", "line 42: a text table is expected"),
        ('p1,3,9,1,3,4,"a,', "a quotation mark is never closed"),
    ],
)
def test_errors_name_the_true_line(small: None, tmp_path: Path, row: str, said: str) -> None:
    found, careful = both(written(tmp_path / "a.csv", [*lines(40), row, *lines(20)]))
    assert isinstance(found, str)
    assert said in found
    assert found == careful


@pytest.mark.parametrize(
    ("row", "chunked"),
    [
        ('"p0","1",9,1,3,4,"a",""', True),
        ('"p0",1,9,1,3,4,"a",go', True),
        ('"p0","1",9,"1",3,4,"a",""', True),  # marks in a column that is not chosen
        ('"p0","1",9,1,"3",4,"a",""', True),  # and around a number
        ('"p0","1",9,1,3,4,"a,b",""', True),
        ('"p0","1",9,1,3,4,"a ""b""",""', True),
        ('"p0","1",9,"1",3,4,"a,b",""', True),
        ('"p0","1",9,1,3,4,a"b,"c"', False),
        ('"p0","1",9,"1,3,4,"a","b"', False),
        ('"p0","1",9.5,1,3,4,"a",""', True),
    ],
)
def test_quotation_marks_give_the_same(small: None, tmp_path: Path, row: str, chunked: bool) -> None:
    quoted = ['"{}","{}",{},{},{},{},"{}","{}"'.format(*line.split(",")) for line in lines(60)]
    path = written(tmp_path / "a.csv", [*quoted[:40], row, *quoted[40:]])
    assert in_chunks(path) is chunked
    assert_same(*both(path))


def test_marks_are_found_to_stand_around_chosen_texts_alone(tmp_path: Path) -> None:
    fields, kinds = Fields(3, ","), {0: "text", 2: "number"}
    rows = b'"a",1,2\nb,1,3\n"a",1,4\n'
    table = arrow_columns.parsed_without_marks(rows, fields, kinds, 4)  # type: ignore[arg-type]
    assert table.to_pydict() == {"0": ["a", "b", "a"], "2": [2, 3, 4]}
    for text in (b'"a","1",2\n', b'"a",1,"2"\n', b'"a,b",1,2\n', b'"a""b",1,2\n', b'a"b",1,2\n', b'"a",1,2\na,1,2\n'):
        marks = text.count(b'"')
        assert arrow_columns.parsed_without_marks(text, fields, kinds, marks) is None, text  # type: ignore[arg-type]


@given(st.binary(max_size=40), st.integers(1, 9))
def test_bytes_are_counted_by_their_kind(text: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_counts, "PIECE", piece)
        found = byte_counts.count_bytes(text)
    control = [b for b in text if (b < 32 and b not in b"\t\n\r") or b == 127]
    beyond = [b for b in text if b > 127]
    counts = Counts(
        text.count(b"\n"), text.count(b"\r"), text.count(b'"'), len(control), len(beyond), b"x" in text.lower()
    )
    assert found == counts


def test_latin_1_far_down(small: None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join([HEAD, *lines(40), "p\u00e9,3,9,1,3,4,a,", *lines(20)]).encode("latin-1"))
    assert in_chunks(path)
    found, careful = both(path)
    assert_same(found, careful)
    assert isinstance(found, Samples)
    assert "p\u00e9" in found.names["participant"].names


def test_nanoseconds_stay_whole(small: None, tmp_path: Path) -> None:
    start = 1_700_000_000_000_000_001
    rows = [f"p1,1,{start + i},1,3,4,a," for i in range(60)]
    found, careful = both(written(tmp_path / "a.csv", rows, HEAD.replace("time_ms", "time [ns]")))
    assert_same(found, careful)
    assert isinstance(found, Samples)
    assert found.time is not None
    assert found.time.values.tolist() == [start + i for i in range(60)]


def test_packed_files_and_progress(small: None, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    text = "\n".join([HEAD, *lines()]).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.replace(b",a,", b",posed,")))
    trials = read(tmp_path / "a.csv.gz", labels="optional", progress=lambda done, of: told.append((done, of)))
    assert len(trials) == 6
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] == len(text) + 4 * 60
    assert len(told) > 5


def test_only_chosen_columns_are_there(small: None, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", lines())
    table = raw_table.load_table(Given(path), columns=lambda heads: tidy_table.used_columns("", heads, ReadSettings()))
    assert 3 not in table.cells
    assert table.cells[4].dtype == np.float64
    assert isinstance(table.cells[0].dtype, pd.CategoricalDtype)


def test_a_zero_has_no_sign(small: None, tmp_path: Path) -> None:
    """A chunk of whole numbers has no -0; read whole, the column had fractions and kept the sign."""
    rows = lines(7)
    rows += ["p0,9,-0,0,3.5,3.5,a,go", *(f"p0,9,{i}.5,0,3.5,3.5,a," for i in range(9))]
    path = written(tmp_path / "a.csv", rows)
    assert in_chunks(path)
    one, other = both(path)
    assert_same(one, other)
    assert isinstance(one, Samples)
    assert one.time is not None
    assert not np.signbit(one.time.values).any()


CELL = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e3, 1e3).map(lambda v: f"{v:.4f}"),
    st.integers(-(2**63), 2**64).map(str),
    st.sampled_from(
        ["", "NA", "nan", ".", "-", "N/A", "null", "None", "1e5", "1.", ".5", "-0", "-0.0", "007", "x", "1,5"]
    ),
)
NAME = st.sampled_from(["1", "1.0", "01", " a", "a ", "a", "", "NA", "\u00e9", "true", "2020-01-01", 'say "so"', "x,y"])


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",') else text


@settings(max_examples=at_most(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(NAME, NAME, CELL, CELL, CELL, CELL, NAME, NAME), min_size=4, max_size=30),
    start=st.integers(0, 30),
)
def test_any_cells_give_the_same(
    small: None, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], start: int
) -> None:
    text = [*lines(start), *(",".join(map(cell, row)) for row in rows)]
    assert_same(*both(written(tmp_path_factory.mktemp("a") / "a.csv", text)))
