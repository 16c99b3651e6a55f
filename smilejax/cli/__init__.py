"""The command line: parse (`arguments`), call (`commands`), print (`show`). Nothing else prints.

Nothing heavy is imported before the arguments are understood, so that `smilejax --help` answers at once.
"""

from smilejax.cli.main import main

__all__ = ["main"]
