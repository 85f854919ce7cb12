"""The docks around the panels."""
