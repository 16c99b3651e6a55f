"""A site whose tutorials were not run: it is built elsewhere, says so on every page, and is not taken for the real one."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import outputs_missing
import pytest
from check_site import missing_outputs
from documentation.pages import DOCS

SPHINX = all(importlib.util.find_spec(name) for name in ("sphinx", "furo", "myst_nb"))
PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
---

# A page

```{code-cell} ipython3
print("what " + "came of it")
```
"""


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_of_the_site", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("words", [[], ["--without-running"]])
def test_where_a_site_is_built_and_whether_outputs_are_looked_for(
    words: list[str], build: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["build.py", *words])
    monkeypatch.setattr(build, "state_of_the_package", lambda: "now")
    monkeypatch.setattr(build, "faults", lambda site: [])
    monkeypatch.setattr(build, "missing_outputs", lambda site: [f"{site.name} has no outputs"])
    monkeypatch.setattr(build.subprocess, "run", lambda command: asked.append(command) or SimpleNamespace(returncode=0))
    code = build.main()
    (command,) = asked
    printed = capsys.readouterr().out
    if words:
        assert (code, Path(command[-1]).name) == (0, "html-without-outputs")
        assert "nb_execution_mode=off" in command
        assert "OUTPUTS ARE MISSING" in printed
    else:
        assert (code, Path(command[-1]).name) == (1, "html")
        assert "html has no outputs" in printed


@pytest.mark.parametrize(("mode", "said"), [("off", True), ("cache", False), ("force", False)])
def test_every_page_says_so_where_nothing_is_run(mode: str, said: bool) -> None:
    config = SimpleNamespace(nb_execution_mode=mode, html_theme_options={"light_css_variables": {}})
    outputs_missing.announce(None, config)  # type: ignore[arg-type]
    assert ("Outputs are missing" in config.html_theme_options.get("announcement", "")) == said
    assert "light_css_variables" in config.html_theme_options


def test_the_site_has_that_extension() -> None:
    assert '"outputs_missing",' in (DOCS / "conf.py").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not SPHINX, reason='needs pip install ".[docs]"')
@pytest.mark.parametrize("mode", ["off", "force"])
def test_sphinx_called_by_hand_says_so_too(mode: str, tmp_path: Path) -> None:
    source, site = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (source / "index.md").write_text(PAGE)
    (source / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(DOCS / '_ext')!r})\n"
        'extensions, html_theme = ["myst_nb", "outputs_missing"], "furo"\n'
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-D", f"nb_execution_mode={mode}", source, site]
    subprocess.run(command, check=True)
    page = (site / "index.html").read_text()
    assert ("Outputs are missing" in page) == (mode == "off")
    assert ("what came of it" in page) == (mode != "off")
    assert ("index.html has cells, and no output of any" in missing_outputs(site)) == (mode == "off")
