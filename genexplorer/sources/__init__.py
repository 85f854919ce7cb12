"""Bricks that data sets share: decoding, the mapped cache, procedural scenes and their renderers."""
