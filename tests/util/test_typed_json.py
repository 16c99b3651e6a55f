"""Dataclasses to JSON and back: whatever does not fit is refused by the name of its field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pytest

from smilejax._util.typed_json import JsonTypeError, JsonValue, decode_dataclass, encode


@dataclass(frozen=True)
class Inner:
    value: float | None
    flags: tuple[bool, ...]


@dataclass(frozen=True)
class Outer:
    kind: Literal["one", "two"]
    count: int
    pair: tuple[int, str]
    by_name: Mapping[str, Inner]
    rows: tuple[Inner, ...]
    extra: Mapping[str, JsonValue]
    inner: Inner | None = None


WHOLE = Outer(
    "one",
    3,
    (1, "a"),
    {"x": Inner(0.5, (True, False))},
    (Inner(None, ()),),
    {"any": [1, {"deep": None}]},
    Inner(2.0, ()),
)


def test_what_was_written_comes_back() -> None:
    assert decode_dataclass(Outer, json.loads(json.dumps(encode(WHOLE)))) == WHOLE
    assert decode_dataclass(Outer, encode(WHOLE)).inner == Inner(2.0, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "three"}, "kind must be one of one, two; it is 'three'"),
        ({"count": 1.5}, "count must be a whole number; it is 1.5"),
        ({"count": True}, "count must be a whole number; it is True"),
        ({"pair": [1]}, "pair must be a list of 2; it has 1"),
        ({"by_name": {"x": {"value": "high", "flags": []}}}, r"by_name\.x\.value must be a number; it is 'high'"),
        ({"rows": [{"value": 1, "flags": [0]}]}, r"rows\[0\]\.flags\[0\] must be true or false; it is 0"),
        ({"rows": [{"value": 1}]}, r"rows\[0\]\.flags is missing"),
        ({"inner": {"value": 1, "flags": [], "more": 2}}, r"inner\.more is no field of Inner"),
        ({"surplus": 1}, "surplus is no field of Outer"),
        ({"by_name": []}, "by_name must be an object"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_path(change: dict, message: str) -> None:
    with pytest.raises(JsonTypeError, match=message):
        decode_dataclass(Outer, {**encode(WHOLE), **change})


def test_json_holds_no_nan() -> None:
    with pytest.raises(JsonTypeError, match="finite numbers only"):
        encode(Inner(float("nan"), ()))
    with pytest.raises(JsonTypeError, match="cannot hold a set"):
        encode({"a": {1}})
