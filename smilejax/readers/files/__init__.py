"""Bytes to tables: text, workbooks, large files in chunks; the cells unchanged, with the position of every row in its file."""
