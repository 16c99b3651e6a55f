"""Readers of faces: tables that a face tracker wrote, as `Faces`."""
