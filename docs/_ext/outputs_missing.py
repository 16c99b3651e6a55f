"""Sphinx: where tutorials are not run (`nb_execution_mode = "off"`), every page says at its top that outputs are missing.

However Sphinx was called: a site without outputs cannot be taken for the real one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

WORDS = (
    "<strong>Outputs are missing.</strong> This copy of the site was built without running the tutorials. "
    "<code>python docs/build.py</code> builds the real one."
)


def setup(app: "Sphinx") -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("config-inited", announce)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def announce(app: object, config: "Config") -> None:
    """Furo shows an announcement at the top of every page."""
    if config.nb_execution_mode == "off":
        config.html_theme_options = {**config.html_theme_options, "announcement": WORDS}
