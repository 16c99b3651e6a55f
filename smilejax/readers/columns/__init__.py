"""What columns of a table hold: their roles by their headings, and their cells as numbers, names, times and marks."""
