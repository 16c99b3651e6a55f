"""Whatever a file holds, reading it gives trials or an error of ours; never another exception."""

import warnings

import numpy as np
import pandas as pd
import pytest
from helpers.examples import at_most
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import DataWarning, ReadError, SmilejaxError
from smilejax.readers import read
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

QUICK = settings(max_examples=at_most(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = [
    "",
    "NA",
    "0",
    "-1",
    "3.5",
    "4,5",
    "1e308",
    "-1e308",
    "1e-320",
    "inf",
    "nan",
    "a",
    "posed",
    "genuine",
    "1",
    "TRUE",
    " ",
    "9" * 25,
]
CELL = st.one_of(st.sampled_from(WORDS), st.floats(1, 9).map(str), st.integers(-5, 10**6).map(str), st.text(max_size=4))
HEAD = st.sampled_from(
    [
        "id",
        "trial",
        "time",
        "time [ms]",
        "t (ns)",
        "left",
        "right",
        "RPupil [mm]",
        "pupil",
        "label",
        "stim",
        "actor",
        "blink",
        "L_Blink",
        "BKID",
        "",
        "x",
        "left",
    ]
)
GIVEN = st.sampled_from(
    [
        ReadSettings(),
        ReadSettings(rate_hz=60.0),
        ReadSettings(decimal=",", time_unit="ns"),
        ReadSettings(unit="au", missing=(3.5,), time_unit="s"),
        ReadSettings(classes=("a", "b"), left="x"),
        ReadSettings(blink="x", blink_right="left"),
        ReadSettings(orientation="row", rate_hz=50.0),
    ]
)
LABELS = st.sampled_from(["required", "optional"])


def _tried(path, given, labels):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # what looks odd in hostile numbers is rightly said
            outcome = read(path, given, labels=labels)
    except SmilejaxError as error:
        outcome = str(error)
    assert isinstance(outcome, Trials) or outcome.startswith(str(path))


@QUICK
@given(st.text(max_size=200), GIVEN, LABELS, st.sampled_from(["utf-8", "utf-16"]))
def test_any_text(tmp_path, text, given, labels, encoding):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding, "surrogatepass"))
    _tried(tmp_path / "a.csv", given, labels)


@QUICK
@given(st.text(alphabet='a1.,;|\t\n\r "-', max_size=120), GIVEN)
def test_any_punctuation(tmp_path, text, given):
    (tmp_path / "a.txt").write_bytes(text.encode())
    _tried(tmp_path / "a.txt", given, "optional")


@QUICK
@given(st.binary(max_size=200), st.sampled_from(["csv", "tsv", "xlsx", "parquet", "zip"]), st.booleans())
def test_any_bytes(tmp_path, raw, suffix, marked):
    mark = {"xlsx": b"PK\x03\x04", "parquet": b"PAR1"}.get(suffix, b"\xff\xfe") if marked else b""
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(mark + raw)
    _tried(path, ReadSettings(), "required")


@QUICK
@given(st.data(), GIVEN, LABELS)
def test_any_table(tmp_path, data, given, labels):
    heads = data.draw(st.lists(HEAD, min_size=1, max_size=7))
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(heads), max_size=len(heads)), max_size=12))
    pd.DataFrame(rows, columns=range(len(heads))).to_csv(tmp_path / "a.csv", index=False, header=heads)
    _tried(tmp_path / "a.csv", given, labels)


@QUICK
@given(st.data(), GIVEN)
def test_nearly_good_tables(tmp_path, data, given):
    """Tables that get past the headings: real columns, hostile numbers."""
    n = data.draw(st.integers(4, 14))
    number = st.one_of(
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.floats(1, 9).map(repr),
        st.sampled_from(["", "0"]),
    )
    time = st.one_of(
        st.lists(st.floats(-1e300, 1e300).map(repr), min_size=n, max_size=n, unique=True).map(
            lambda v: sorted(v, key=float)
        ),
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n, unique=True).map(sorted),
        st.lists(st.integers(0, 400), min_size=n, max_size=n, unique=True).map(sorted),
        st.just(range(0, 20 * n, 20)),
    )
    frame = pd.DataFrame(
        {
            "id": 1,
            "trial": sorted(data.draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n))),
            "time": data.draw(time),
            "left": data.draw(st.lists(number, min_size=n, max_size=n)),
            "right": data.draw(st.lists(number, min_size=n, max_size=n)),
            "label": "posed",
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    _tried(tmp_path / "a.csv", given, "required")


@QUICK
@given(st.data(), GIVEN, LABELS)
def test_any_four_tables(tmp_path, data, given, labels):
    width, height = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 12))
    cell = data.draw(st.sampled_from([CELL, st.floats(1, 9).map("{:.2f}".format), st.integers(0, 99).map(str)]))
    head = st.one_of(st.just(["time", "b", "c", "d", "e", "f"][:width]), st.lists(CELL, min_size=width, max_size=width))
    for name in ("l_posed", "r_posed", "l_genuine", "r_genuine"):
        rows = [data.draw(head), *data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=height))]
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False, header=False)
    _tried(tmp_path, given, labels)


@settings(QUICK, max_examples=25)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.integers(),
                st.floats(),
                st.text(alphabet="ab=1", max_size=3),
                st.booleans(),
                st.datetimes(),
            ),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    )
)
def test_any_sheet(tmp_path, rows):
    heads = ["id", "time", "left"]
    pd.DataFrame([heads, *rows]).astype(object).to_excel(tmp_path / "a.xlsx", index=False, header=False)
    _tried(tmp_path / "a.xlsx", ReadSettings(), "optional")


@pytest.mark.parametrize(
    "column",
    [[[1, 2], [3]], [b"a", b"b"], [{"a": 1}, {"a": 2}], [None, None], [np.inf, 1.0], pd.to_timedelta([1, 2], unit="s")],
)
@pytest.mark.parametrize("role", ["id", "time", "left", "label", "blink", "blink id"])
def test_any_parquet_column(tmp_path, column, role):
    frame = {"id": ["a", "a"], "trial": ["a", "a"], "time": [0, 20], "left": [3.0, 3.1], "label": ["posed"] * 2}
    pd.DataFrame(frame | {role: column}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r"a.parquet"):
        read(tmp_path / "a.parquet")
