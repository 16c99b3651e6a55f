"""Programs on disk: the same bits as a traced one, found by all that they depend on, and never needed."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax._util import kept_programs
from smilejax._util.kept_programs import FOLDER, KeptProgram

X = np.linspace(0, 3, 40, dtype=np.float32).reshape(4, 10)


@partial(jax.jit, static_argnames="power")
def work(x: Any, *, power: int) -> Any:
    return {"of rows": jnp.sin(x).sum(1) ** power, "all": jnp.tanh(x @ x.T)}


class Traced:
    """The kept program of `work`, and how often it was traced."""

    def __init__(self) -> None:
        self.count = 0

        def jitted(*_: Any, **__: Any) -> Any:
            self.count += 1
            return work

        self.program = KeptProgram("work", ("_util",), jitted, lambda power: f"power {power}" if power else None)

    def __call__(self, x: Any = X, power: int = 2) -> dict[str, bytes]:
        return {name: np.asarray(leaf).tobytes() for name, leaf in self.program(x, power=power).items()}


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traced:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(kept_programs, "_loaded", {})
    return Traced()


def forget() -> None:
    """As in a new process."""
    kept_programs._loaded.clear()
    kept_programs._sources.cache_clear()
    kept_programs._surroundings.cache_clear()


def test_a_program_for_many_calls_is_looked_for_once(
    traced: Traced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {name: np.asarray(leaf).tobytes() for name, leaf in work(2 * X, power=2).items()}
    for _ in range(2):  # compiled, then read
        program = traced.program.ready(X, power=2)
        with monkeypatch.context() as patched:
            patched.setattr(KeptProgram, "_key", lambda *_: pytest.fail("looked for again"))
            assert {name: np.asarray(leaf).tobytes() for name, leaf in program(2 * X).items()} == plain
        forget()
    assert traced.count == 1
    monkeypatch.delenv(FOLDER)
    unkept = traced.program.ready(X, power=2)
    assert {name: np.asarray(leaf).tobytes() for name, leaf in unkept(2 * X).items()} == plain
    assert len(list(tmp_path.iterdir())) == 1


def test_a_kept_program_gives_the_bits_of_a_traced_one(traced: Traced, tmp_path: Path) -> None:
    plain = {name: np.asarray(leaf).tobytes() for name, leaf in work(X, power=2).items()}
    assert [traced() for _ in range(2)] == [plain] * 2
    assert traced.count == 1
    forget()
    assert traced() == plain
    assert traced.count == 1, "it was read"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_jax_found_in_its_own_cache_is_kept_whole(traced: Traced, tmp_path: Path) -> None:
    """XLA packs a program that it has unpacked itself without some of its functions, which is noticed when it is run."""
    before = jax.config.jax_persistent_cache_min_compile_time_secs
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    try:
        work.lower(X, power=2).compile()  # into JAX's cache
        work.clear_cache()
        first = traced()
        forget()
        assert traced() == first
    finally:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", before)
    assert traced.count == 1
    assert jax.config.jax_enable_compilation_cache


@pytest.mark.parametrize("changed", ["shape", "type", "static", "source", "surroundings", "JAX's settings"])
def test_whatever_it_depends_on_is_another_program(
    traced: Traced, changed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    traced()
    forget()
    if changed == "source":
        monkeypatch.setattr(kept_programs, "_sources", lambda rooms: "others")
    if changed == "surroundings":
        monkeypatch.setattr(kept_programs, "_surroundings", lambda: ("another jax",))
    with jax.default_matmul_precision("highest" if changed == "JAX's settings" else None):
        traced(
            X[:3] if changed == "shape" else X.astype("f2") if changed == "type" else X, 3 if changed == "static" else 2
        )
    assert traced.count == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut off", "a byte flipped", "empty", "of something else", "a folder"])
def test_a_damaged_file_is_traced_anew(traced: Traced, tmp_path: Path, damage: str) -> None:
    plain = traced()
    forget()
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    flipped = content[:500] + bytes([content[500] ^ 1]) + content[501:]
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    else:
        file.write_bytes({"cut off": content[:-9], "a byte flipped": flipped, "empty": b""}.get(damage, b"x" * 99))
    assert traced() == plain
    assert traced.count == 2
    if damage != "a folder":
        assert file.read_bytes()[:32] != b"x" * 32
        forget()
        assert traced() == plain
        assert traced.count == 2, "it was kept anew"


@pytest.mark.parametrize(
    "why", ["no folder", "not told what it depends on", "inside of a program", "a read-only place"]
)
def test_nothing_is_kept(traced: Traced, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if why == "no folder":
        monkeypatch.setenv(FOLDER, "")
    if why == "a read-only place":
        (tmp_path / "file").touch()
        monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "below"))
    if why == "inside of a program":
        jax.jit(lambda x: traced.program(x, power=2))(X)
    else:
        traced(power=0 if why == "not told what it depends on" else 2)
    assert traced.count == 1
    assert [one.name for one in tmp_path.iterdir()] == (["file"] if why == "a read-only place" else [])


def test_the_oldest_go_first(traced: Traced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_programs, "MOST_KEPT", 2)
    others = [tmp_path / name for name in ("thesis.csv", "notes-2026", "work")]
    for other in others:
        other.touch()
        os.utime(other, (0, 0))
    for power in (1, 2, 3):
        traced(power=power)
    assert all(other.exists() for other in others), "a user may have named a folder that holds other files"
    assert len(list(tmp_path.iterdir())) == 2 + len(others)
    forget()
    traced(power=3)
    assert traced.count == 3


def test_sources_are_those_of_the_rooms() -> None:
    assert kept_programs._sources(("models",)) != kept_programs._sources(("settings",))
    assert kept_programs._sources(("_util/softmax",)) != kept_programs._sources(("_util/nested",))
