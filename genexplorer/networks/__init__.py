"""Bricks that model families share."""
