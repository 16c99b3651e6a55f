"""A process's share of the cores, by what is known of it; macOS knows the least."""

import os
from pathlib import Path

import pytest

from smilejax._util import cgroups
from smilejax._util.cores import cores
from smilejax._util.errors import SettingsError


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SMILEJAX_CORES", "SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(cgroups, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cgroups, "OWN_CGROUP", tmp_path / "own")


def test_all_that_it_may_run_on() -> None:
    assert cores() == 8


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"SMILEJAX_CORES": "3"}, 3),
        ({"SMILEJAX_CORES": "12", "OMP_NUM_THREADS": "2"}, 12),
        ({"OMP_NUM_THREADS": "2"}, 2),
        ({"OMP_NUM_THREADS": "4,2"}, 4),
        ({"OMP_NUM_THREADS": "0", "SLURM_CPUS_PER_TASK": "many"}, 8),
        ({"OMP_NUM_THREADS": "5", "SLURM_CPUS_PER_TASK": "3"}, 3),
        ({"SLURM_CPUS_PER_TASK": "64"}, 8),
        ({"SMILEJAX_CORES": ""}, 8),
    ],
)
def test_variables(variables: dict[str, str], wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cores() == wanted


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_of_cores(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMILEJAX_CORES", given)
    with pytest.raises(SettingsError, match="SMILEJAX_CORES must be a whole number from 1 up"):
        cores()


@pytest.mark.parametrize(("here", "machine", "wanted"), [(7, 7, 7), (None, 7, 7), (None, None, 1), (1, 7, 1)])
def test_a_machine_without_affinity(
    here: int | None, machine: int | None, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: machine)
    if here is None:  # macOS
        monkeypatch.delattr(os, "sched_getaffinity")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(here)))
    assert cores() == wanted


@pytest.mark.parametrize(
    ("own", "files", "wanted"),
    [
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "max 100000"}, 8),
        ("0::/job/step\n", {"job/cpu.max": "350000 100000", "job/step/cpu.max": "max 100000"}, 3),
        ("0::/job\n", {"job/cpu.max": "50000 100000"}, 1),
        ("0::/elsewhere\n", {"cpu.max": "400000 100000"}, 4),
        ("0::/\n", {"cpu.max": "nonsense"}, 8),
        (
            "4:cpu,cpuacct:/a\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "300000", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"},
            3,
        ),
        (
            "4:cpu,cpuacct:/a\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "-1", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"},
            8,
        ),
        ("9:memory:/a\n", {"memory/a/cpu.max": "100000 100000"}, 8),
        ("\n", {}, 8),
    ],
)
def test_the_quota_of_a_container(own: str, files: dict[str, str], wanted: int, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        file = tmp_path / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    assert cores() == wanted
