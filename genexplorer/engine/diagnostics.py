"""What a person is asked for when something does not work."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from genexplorer import __version__


def diagnostics(home: Path) -> dict[str, str]:
    """Versions, devices and folders, by name."""
    found = {"genexplorer": __version__, "Python": platform.python_version(), "system": platform.platform()}
    for package in ("torch", "torchvision", "PySide6-Essentials", "pyqtgraph", "lightning-fabric", "pydantic"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    found["threads"] = str(torch.get_num_threads())
    found["GPU"] = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    found["home"] = str(home)
    return found
