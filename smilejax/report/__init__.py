"""A finished study as one HTML page that needs no network: the verdict in words, then every figure with its numbers."""

from smilejax.report.page import page, write_report

__all__ = ["page", "write_report"]
