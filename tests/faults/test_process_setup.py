"""A command's surroundings: variables, platforms, encodings and signals change no number and end in words."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import jax
import pytest
from helpers.command_line import refused, run

from smilejax.cli import process_setup
from smilejax.cli.commands import COMMANDS

GREEK = "subject,trial,time_ms,left,right,label\n" + "".join(
    f"Σωκράτης,{trial},{50 * t},{3 + 0.1 * t % 1:.2f},{3.1 + 0.1 * t % 1:.2f},{('posed', 'genuine')[trial % 2]}\n"
    for trial in range(4)
    for t in range(30)
)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "Mathôt.csv"
    path.write_text(GREEK, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def own_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a command sets in this process is forgotten after the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_variables_that_would_change_numbers_are_gone_before_jax_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in process_setup.FIXED:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("XLA_FLAGS", "--kept-and-compared")
    process_setup.set_up()
    assert not [name for name in process_setup.FIXED if name in os.environ]
    assert os.environ["XLA_FLAGS"] == "--kept-and-compared"


@pytest.mark.parametrize("variable", process_setup.PLATFORMS)
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AssertionError(), "it is not installed"),
        (RuntimeError("Unable to initialize 'tpu': no libtpu (set JAX_PLATFORMS='')"), "no libtpu. Unset"),
    ],
)
def test_a_platform_that_is_not_there_is_named_before_any_work(
    variable: str, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def devices() -> None:
        raise error

    monkeypatch.setenv(variable, "tpu")
    monkeypatch.setattr(jax, "devices", devices)
    message = refused(capsys, "predict", "model", "recording.csv")
    assert f"{variable} is 'tpu'" in message
    assert said in message
    assert "Restore" not in message


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables", [{"JAX_PLATFORMS": "nonsense"}, {"JAX_PLATFORMS": "cuda"}, {"JAX_LOG_COMPILES": "7"}]
)
def test_every_command_says_what_jax_cannot_use(variables: dict[str, str], recording: Path, tmp_path: Path) -> None:
    if variables == {"JAX_PLATFORMS": "cuda"} and jax.default_backend() == "gpu":
        pytest.skip("there is one")
    words = {
        "track": ["x.png", "--out", "x.csv"],
        "report": ["x"],
        "predict": ["x", str(recording)],
        "check": [str(recording)],
    }
    words |= {"convert": [str(recording), "--to", "bids", "x"], "power": ["--out", "x.csv"], "demo": ["--out", "x"]}
    words |= {
        "app": ["--no-browser"],
        "stream": ["x", str(recording)],
        "export": ["x", "--format", "onnx", "--out", "x.onnx"],
    }
    for command in COMMANDS:
        given = words.get(command.name, [str(recording), "--out", "x.csv"])
        given = ["--out", "x.csv"] if command.name == "simulate" else given
        ended = subprocess.run(
            [sys.executable, "-m", "smilejax", command.name, *given],
            env=os.environ | variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ended.stderr
        if (
            ended.returncode == 0 or "JAX_PLATFORMS" not in variables
        ):  # it does without JAX, or had another complaint first
            continue
        assert ended.returncode == 2, (command.name, ended.stderr)
        assert next(iter(variables)) in ended.stderr, (command.name, ended.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux keeps them")
def test_too_little_address_space_ends_in_words(recording: Path, tmp_path: Path) -> None:
    """Without this JAX's threads end the process by an abort; what does without JAX is done."""
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)); "
    code += "from smilejax.__main__ import start_command; sys.exit(start_command())"
    codes = {}
    for command in ("check", "train"):
        more = ("--out", str(tmp_path / "model")) if command == "train" else ()
        words = [sys.executable, "-c", code, command, str(recording), "--participant", "subject", *more]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        codes[command] = ended.returncode
    assert codes == {"check": 0, "train": 2}, ended.stderr
    assert "2 GiB of address space (ulimit -v)" in ended.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_name_that_the_output_cannot_hold_is_escaped(encoding: str, recording: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "smilejax", "check", str(recording), "--participant", "Σ"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"\\u03a3" in ended.stderr


def test_streams_escape_what_they_cannot_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as stream, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        process_setup.have_every_text_printed()
        print("Σωκράτης")
    assert (tmp_path / "out").read_text() == r"\u03a3\u03c9\u03ba\u03c1\u03ac\u03c4\u03b7\u03c2" + "\n"


AT_IMPORT = """
import os, signal, sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "smilejax.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
from smilejax.__main__ import start_command
sys.exit(start_command())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals as Linux does")
@pytest.mark.parametrize(("ignored", "code"), [(False, 130), (True, 0)])
def test_ctrl_c_while_python_imports(ignored: bool, code: int) -> None:
    """One line and 130; where a shell has it ignored (a job in the background), nothing."""
    action = signal.SIG_IGN if ignored else signal.SIG_DFL
    set_action = f"import os, signal, sys; signal.signal(signal.SIGINT, signal.{action.name}); os.execv(sys.argv[1], sys.argv[1:])"  # noqa: E501
    ended = subprocess.run(
        [sys.executable, "-c", set_action, sys.executable, "-c", AT_IMPORT, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert ended.stderr == ("" if ignored else "smilejax: stopped before anything was done.\n")


NAME = "a" * 264


@pytest.mark.parametrize(
    "words",
    [
        ("clean", "RECORDING", "--out", f"{NAME}.csv"),
        ("train", "RECORDING", "--out", NAME),
        ("train-many", "RECORDING", "--out", NAME),
        ("evaluate", "RECORDING", "--out", NAME),
        ("multiverse", "RECORDING", "--out", f"{NAME}.csv"),
        ("simulate", "--out", f"{NAME}.csv"),
        ("simulate", "--out", f"{'a' * 247}.csv"),  # beside which a .json is written
        ("simulate", "--faces", "--out", NAME),
        ("track", "RECORDING", "--out", f"{NAME}.csv"),
        ("power", "--out", f"{NAME}.csv"),
        ("demo", "--out", NAME),
        ("report", NAME),
        ("export", NAME, "--format", "tables", "--out", "x"),
        ("predict", NAME, "RECORDING"),
        ("check", "RECORDING", "--save-mapping", f"{NAME}.toml"),
        ("check", "RECORDING", "--mapping", f"{NAME}.toml"),
        ("check", f"{NAME}.csv"),
    ],
    ids=lambda words: " ".join(words).replace(NAME, "NAME")[:40],
)
def test_a_name_longer_than_the_system_takes(
    words: tuple[str, ...],
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    message = refused(capsys, *(str(recording) if word == "RECORDING" else word for word in words))
    assert "name" in message
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "cache"] == before


OUT_OF_MEMORY = jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8000000000 bytes.")


def test_what_the_system_refuses_is_said(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from smilejax import readers

    unread = ValueError("invalid truth value 'x' for environment 'JAX_LOG_COMPILES'")
    for error, said in (
        (unread, "JAX_LOG_COMPILES"),
        (PermissionError(13, "Permission denied", "x.csv"), "x.csv cannot"),
        (MemoryError(), "memory"),
        (OUT_OF_MEMORY, "memory"),
    ):

        def refuse(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(readers, "read", refuse)
        assert run("check", recording) == 2
        assert said in capsys.readouterr().err
