"""Pages of the panel that measures what a code knows."""
