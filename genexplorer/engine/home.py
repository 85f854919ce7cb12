"""Where runs and caches live. Kept light, for the window asks before torch is there."""

import os
from pathlib import Path

import platformdirs


def home_folder(home: Path | None = None) -> Path:
    """As asked, else GENEXPLORER_HOME, else the system's place for an app's data."""
    return home or Path(os.environ.get("GENEXPLORER_HOME") or platformdirs.user_data_path("genexplorer", False))
