"""Where notebooks of the site and of notebooks/ are run: this Python, its commands first, and a failed command fails."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COLUMNS = "92"
"""Width of tables that commands print."""
FAILING_COMMANDS = '''
"""A shell command that fails stops a notebook, as any other cell that fails does."""

from IPython import get_ipython

_shell = get_ipython()
_run = _shell.system


def _checked(command):
    _run(command)
    if code := _shell.user_ns.get("_exit_code"):
        raise RuntimeError(f"{command!r} ended with {code}")


_shell.system = _checked
'''


@contextmanager
def notebook_environment() -> Iterator[dict[str, str]]:
    """Environment variables for kernels, which are also set in this process while inside."""
    with tempfile.TemporaryDirectory() as folder:
        startup = Path(folder) / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "00_failing_commands.py").write_text(FAILING_COMMANDS)
        variables = {
            "IPYTHONDIR": folder,
            "COLUMNS": COLUMNS,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "TERM": "dumb",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield variables
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
