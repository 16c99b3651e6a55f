"""What `smilejax predict` does in a process of its own, once its programs are kept: nothing is traced, lowered or compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import run

CODE = """
import sys, jax.monitoring
compiled = []
def listen(event, _, **about):
    if event == "/jax/core/compile/backend_compile_duration":
        compiled.append(about.get("fun_name"))
jax.monitoring.register_event_duration_secs_listener(listen)
from smilejax.cli import main
assert main(sys.argv[1:]) == 0
print("compiled", compiled)
libraries = ("flax", "optax", "orbax", "scipy", "jaxlib.mlir.dialects._mhlo_ops_gen")
print("imported", [name for name in libraries if name in sys.modules])
"""


@pytest.mark.slow
def test_predicting_a_second_time(tmp_path: Path) -> None:
    table = tmp_path / "trials.csv"
    assert run("simulate", "--out", table, "--participants", 4, "--smilers", 2) == 0
    assert run("train", table, "--out", tmp_path / "model", "--epochs", 2) == 0
    environment = os.environ | {"SMILEJAX_PROGRAMS": str(tmp_path / "programs")}
    out = []
    for file in ("first.csv", "second.csv"):
        command = ("predict", tmp_path / "model", table, "--out", tmp_path / file)
        ran = subprocess.run(
            [sys.executable, "-c", CODE, *map(str, command)],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )
        out.append(ran.stdout.splitlines()[-2:])
    assert "jit(_run_blocks)" in out[0][0]
    assert "jit(logits_program)" in out[0][0]
    assert out[1] == ["compiled []", "imported []"]
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
    assert len(list((tmp_path / "programs").iterdir())) == 2
