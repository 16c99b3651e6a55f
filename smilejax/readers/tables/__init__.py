"""Layouts that laboratories keep as tables, one module for each."""
