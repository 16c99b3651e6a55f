"""Damaged files of every format, and plain readings of them."""
