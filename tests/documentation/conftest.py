"""The modules that make the site are no package; tests of them find them here."""

import sys
from pathlib import Path

EXTENSIONS = Path(__file__).resolve().parents[2] / "docs" / "_ext"
sys.path.insert(0, str(EXTENSIONS))
