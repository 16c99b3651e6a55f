"""A cache entry is trusted by our own digest alone, and replaced where it does not fit."""

from pathlib import Path

import jax
import jax.numpy as jnp
import pytest
from jax._src import compilation_cache

from smilejax._util import checked_cache
from smilejax._util.checked_cache import CheckedCache, install_if_asked


def test_entries_that_were_damaged_are_none(tmp_path: Path) -> None:
    cache = CheckedCache(tmp_path / "made")
    assert cache.get("key") is None
    cache.put("key", b"program")
    assert cache.get("key") == b"program"
    (file,) = (tmp_path / "made").iterdir()
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get("key") is None
        file.write_bytes(whole[:at])
        assert cache.get("key") is None
    cache.put("key", b"program")
    assert cache.get("key") == b"program"


def test_where_nothing_can_be_written_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    cache = CheckedCache(tmp_path / "a file")
    cache.put("key", b"program")
    assert cache.get("key") is None


@pytest.mark.slow
def test_jax_replaces_a_damaged_entry_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning is an error in this suite."""
    monkeypatch.setattr(compilation_cache, "get_file_cache", compilation_cache.get_file_cache)
    monkeypatch.delenv(checked_cache.CHECKED, raising=False)
    install_if_asked()
    monkeypatch.setenv(checked_cache.CHECKED, "1")
    before = jax.config.jax_compilation_cache_dir, jax.config.jax_persistent_cache_min_compile_time_secs
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    try:
        install_if_asked()

        def computed() -> float:
            return float(jax.jit(lambda x: x * 3 + 1)(jnp.float32(2)))

        assert computed() == 7
        files = [path for path in tmp_path.iterdir() if path.name.endswith(checked_cache.SUFFIX)]
        assert files
        whole = {path: path.read_bytes() for path in files}
        for path in files:
            path.write_bytes(whole[path][:100])
        jax.clear_caches()
        assert computed() == 7
        assert all(len(path.read_bytes()) > 100 for path in files if "lambda" in path.name)
    finally:
        jax.config.update("jax_compilation_cache_dir", before[0])
        jax.config.update("jax_persistent_cache_min_compile_time_secs", before[1])
        monkeypatch.undo()
        compilation_cache.reset_cache()
