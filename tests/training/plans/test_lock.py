"""A folder is held by one process at a time, and by none that has ended."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from helpers.children import children_ended, start_child

from smilejax._util.errors import OutputError
from smilejax.training.plans import lock
from smilejax.training.plans.lock import EXCLUSIVE, LOCK, held

HOLD = "import sys; from pathlib import Path; from smilejax.training.plans.lock import held\nwith held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"  # noqa: E501


@pytest.mark.skipif(lock.fcntl is None, reason="files cannot be locked here")
def test_another_process_is_named_and_its_end_frees_the_folder(tmp_path: Path) -> None:
    with children_ended():
        other = start_child([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stderr=None)
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(
                OutputError, match=rf"process {other.pid} on .* is working in .*\. Wait for it, or name another"
            ),
            held(tmp_path),
        ):
            pass
    assert (tmp_path / LOCK).exists()  # nobody was left to take it away
    with held(tmp_path):
        assert (tmp_path / LOCK).exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lockable", [True, False])
def test_never_two_at_a_time(tmp_path: Path, lockable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many who take and let go as fast as they can: a file that is removed is no way in for a second one."""
    if not lockable:
        monkeypatch.setattr(lock, "fcntl", None)
    elif lock.fcntl is None:
        pytest.skip("files cannot be locked here")
    inside, most, taken = 0, 0, 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal inside, most, taken
        until = time.monotonic() + 20
        while taken < 60 and time.monotonic() < until:
            try:
                with held(tmp_path):
                    with counting:
                        inside += 1
                        most, taken = max(most, inside), taken + 1
                    time.sleep(0.0002)
                    with counting:
                        inside -= 1
            except OutputError:
                pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert taken > 20
    assert not list(tmp_path.iterdir())


def test_where_files_cannot_be_locked_being_there_is_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(38, "Function not implemented")  # as Lustre mounted without locks

    if lock.fcntl is not None:
        monkeypatch.setattr(lock.fcntl, "flock", unsupported)
    with held(tmp_path):
        assert [p.name for p in tmp_path.iterdir()] == [EXCLUSIVE]
        with (
            pytest.raises(
                OutputError,
                match=rf"process \d+ on .* is working in .* has ended, remove .*{EXCLUSIVE}",
            ),
            held(tmp_path),
        ):
            pass
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"), held(tmp_path / "nowhere"):
        pass
