"""`smilejax app`: recordings opened, looked at and judged in a browser on this computer.

`access` says which requests are answered, and `reach` which files; `browsing`, `fields`, `trial_view` and `evaluation_run` are
plain functions of plain values, and know nothing of pages; `pages` shows them, with NiceGUI; `server` puts all together.
"""
