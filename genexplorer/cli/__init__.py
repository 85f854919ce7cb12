"""The command line: the same recipes, the same iterators, shown as progress."""

from .main import run as run
from .store import load_plugins as load_plugins
