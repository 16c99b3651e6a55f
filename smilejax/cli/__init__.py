"""The command line. Each command has a module with its arguments, its work and what it prints; `commands` lists them.

Nothing heavy is imported before the arguments are understood, so that `smilejax --help` answers at once. Nothing outside this
package prints.
"""

from smilejax.cli.main import main

__all__ = ["main"]
