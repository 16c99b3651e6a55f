"""Build the site of the documentation into docs/_build/html: python docs/build.py

Needs `pip install -e ".[docs]"`. It ends with an error where a public name has no docstring, a link leads nowhere, a page would
fetch something from elsewhere, a cell of a tutorial fails, or a page with cells shows no output. Tutorials that ran before with
the same cells and the same package are not run again.

  --out FOLDER   where to
  --without-running   do not run the tutorials, for a quick look at words: into docs/_build/html-without-outputs, and every
                      page says at its top that outputs are missing
  --notebooks    write notebooks/*.ipynb from the tutorials, and nothing else
"""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS / "_ext"))

from check_site import faults, missing_outputs  # noqa: E402
from notebook_kernel import FAILING_COMMANDS, notebook_environment  # noqa: E402
from tutorial_notebooks import write_notebooks  # noqa: E402

KEPT = DOCS / "_build" / "ran"
SITE = DOCS / "_build" / "html"
WITHOUT_OUTPUTS = DOCS / "_build" / "html-without-outputs"
"""Not where the site is: nobody takes the one for the other."""


def main() -> int:
    """Build and check; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, metavar="FOLDER")
    parser.add_argument("--without-running", action="store_true")
    parser.add_argument("--notebooks", action="store_true")
    given = parser.parse_args()
    if given.notebooks:
        print(*write_notebooks(), sep="\n")
        return 0
    out = given.out or (WITHOUT_OUTPUTS if given.without_running else SITE)
    running = [f"nb_execution_cache_path={KEPT / state_of_the_package()}"]
    if given.without_running:
        running = [
            "nb_execution_mode=off",
            "suppress_warnings=mystnb.glue_ref",
        ]  # the landing page's figure is not made
    settings = [word for setting in running for word in ("-D", setting)]
    trees = ["-d", str(out.parent / f"{out.name}-trees")]
    with notebook_environment():
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "-n",
            "-W",
            "--keep-going",
            *settings,
            *trees,
            str(DOCS),
            str(out),
        ]
        if code := subprocess.run(command).returncode:
            return code
    found = faults(out) + ([] if given.without_running else missing_outputs(out))
    print("\n".join(found) if found else f"{out}: {_what_is_well(given.without_running)}")
    return 1 if found else 0


def _what_is_well(without_running: bool) -> str:
    links = "every link leads somewhere, and nothing is fetched from elsewhere"
    if without_running:
        return f"{links}. OUTPUTS ARE MISSING: the tutorials were not run, and every page says so at its top."
    return f"{links}; every page with cells shows what they printed."


def state_of_the_package() -> str:
    """A digest of the package's files, of how kernels are started, and of the versions of jax and numpy."""
    import jax
    import numpy

    digest = hashlib.sha256(f"{FAILING_COMMANDS}{jax.__version__}{numpy.__version__}".encode())
    for path in sorted((DOCS.parent / "smilejax").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(DOCS.parent).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
