"""Memory that programs could have: the least of the machine's, of the containers' around it, and of its own limits."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.children import SAME_PACKAGE

from smilejax._util import cgroups
from smilejax._util.errors import SettingsError
from smilejax.training.plans import memory
from smilejax.training.plans.memory import check_enough_to_begin, free_bytes, left_in_cgroup

GB = 1 << 30


def _files(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with 8 GB free, without groups and limits."""
    monkeypatch.setattr(cgroups, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cgroups, "OWN_CGROUP", tmp_path / "own")
    monkeypatch.setattr(memory, "_of_the_machine", lambda: 8 * GB)
    monkeypatch.setattr(memory, "_own_limits", list)


@pytest.mark.parametrize(
    ("own", "files", "wanted"),
    [
        ("0::/\n", {}, 8 * GB),
        ("0::/\n", {"memory.max": "max\n", "memory.current": "5"}, 8 * GB),
        ("0::/\n", {"memory.max": f"{4 * GB}\n", "memory.current": f"{GB}\n", "memory.stat": "anon 5\n"}, 3 * GB),
        (
            "0::/\n",
            {"memory.max": f"{4 * GB}", "memory.current": f"{3 * GB}", "memory.stat": f"anon 1\ninactive_file {GB}\n"},
            2 * GB,
        ),
        ("0::/a/b\n", {"a/memory.max": f"{GB}", "a/memory.current": "0", "a/memory.stat": "", "a/b/x": ""}, GB),
        ("0::/a\n", {"a/memory.max": "5", "a/memory.current": "9", "a/memory.stat": ""}, 0),
        (
            "7:memory:/j\n",
            {
                "memory/j/memory.limit_in_bytes": f"{2 * GB}",
                "memory/j/memory.usage_in_bytes": f"{GB}",
                "memory/j/memory.stat": f"inactive_file 3\ntotal_inactive_file {GB // 2}\n",
            },
            GB + GB // 2,
        ),
        (
            "7:memory:/\n",
            {"memory/memory.limit_in_bytes": f"{2**63 - 4096}", "memory/memory.usage_in_bytes": "9"},
            8 * GB,
        ),
        ("3:cpu:/j\n", {"cpu/j/memory.max": "5", "cpu/j/memory.current": "1", "cpu/j/memory.stat": ""}, 8 * GB),
        ("nonsense", {"memory.max": "nonsense", "memory.current": "1"}, 8 * GB),
    ],
)
def test_groups_around_it(own: str, files: dict[str, str], wanted: int, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(own)
    _files(tmp_path / "cgroup", files)
    assert free_bytes() == wanted


def test_a_group_without_a_limit_says_nothing(tmp_path: Path) -> None:
    assert left_in_cgroup(tmp_path) is None


def test_too_little_to_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    check_enough_to_begin()
    monkeypatch.setattr(memory, "_of_the_machine", lambda: 799 << 20)
    with pytest.raises(SettingsError, match="at least 800 MiB of memory must be free to train; 799 MiB are"):
        check_enough_to_begin()


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux keeps them")
def test_its_own_limits() -> None:
    code = """if 1:
        import resource
        from smilejax.training.plans.memory import _own_limits, free_bytes
        free_bytes()
        assert _own_limits() == []
        resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
        used = (1 << 40) - _own_limits()[0]
        assert 0 < used < 1 << 40
        resource.setrlimit(resource.RLIMIT_AS, (used + (2000 << 20), 1 << 40))
        print(free_bytes() >> 20)
    """
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": SAME_PACKAGE, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert 1000 <= int(done.stdout) <= 2000  # threads reserve some
