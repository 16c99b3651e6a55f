"""A trained model on disk, and what it answers for new recordings."""
