"""Arithmetic on features, codes and labels: no model, no files."""
