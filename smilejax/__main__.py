"""`python -m smilejax`."""

from smilejax.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
