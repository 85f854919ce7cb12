"""Faults of a training, one file per rule; found by walking the package."""
