"""`smilejax app` on the command line: what it needs, what it refuses, and that nothing else pays for it."""

import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import refused

CODE = """
import contextlib, sys
import smilejax
from smilejax.cli import main
for words in (["--help"], ["app", "--help-all"]):
    with contextlib.suppress(SystemExit):
        main(words)
print("imported", [name for name in ("nicegui", "fastapi", "uvicorn", "smilejax.app", "jax") if name in sys.modules])
"""


def test_nothing_else_imports_it() -> None:
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "imported []"
    assert "--no-browser" in ran.stdout


def test_without_nicegui_it_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert 'pip install "smilejax[app]"' in refused(capsys, "app", "--no-browser", "--root", tmp_path)


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--port must be from 1024 to 65535; it is 80" in refused(capsys, "app", "--port", "80")
    assert "no such file" in refused(capsys, "app", "--root", tmp_path / "gone")
    assert "no such file" in refused(capsys, "app", tmp_path / "gone.csv", "--root", tmp_path)
    table = tmp_path / "out.csv"
    table.write_text("participant,trial\n")
    assert "--exclude needs recordings" in refused(capsys, "app", "--exclude", table, "--root", tmp_path)


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used" in refused(capsys, "app", "--port", port, "--root", tmp_path)
