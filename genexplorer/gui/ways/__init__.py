"""The pages of the panel about ways through the space of codes."""
