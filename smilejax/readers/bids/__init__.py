"""Eye-tracking recordings in the Brain Imaging Data Structure, read and written."""
