"""The recipes in CONTRIBUTING.md are run just as they stand there, each as one new file of a plug-in package."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = Path(__file__).parents[1].joinpath("CONTRIBUTING.md").read_text("utf-8")
BLOCKS = dict(
    re.findall(r"^## .*?: `(genexplorer/[\w/]+\.py)`.*?```python\n(.*?)```", TEXT, flags=re.MULTILINE | re.DOTALL)
)


def run_with(tmp_path: Path, blocks: list[str], code: str) -> str:
    """Run code in a process of its own, where these blocks are installed as someone else's plug-ins."""
    lines = []
    for number, name in enumerate(blocks):
        (tmp_path / f"block{number}.py").write_text(BLOCKS[name], "utf-8")
        lines.append(f"plug{number} = block{number}")
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[genexplorer.plugins]\n" + "\n".join(lines) + "\n")
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])]),
        "GENEXPLORER_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_a_recipe_for_each_room() -> None:
    rooms = [name.rsplit("/", 1)[0] for name in BLOCKS]
    assert rooms == ["genexplorer/models", "genexplorer/datasets", "genexplorer/gui/panels", "genexplorer/engine/rules"]


def test_the_family_and_the_data_set_train_and_evaluate(tmp_path: Path) -> None:
    family, data, *_ = BLOCKS
    code = (
        "from genexplorer.cli import run\n"
        "assert run(['train', 'linear_autoencoder', 'stripes', '--train.steps', '60', '--run', 'mine']) == 0\n"
        "assert run(['evaluate', 'mine', '--json', '-']) == 0\n"
    )
    assert '"mse"' in run_with(tmp_path, [family, data], code)


def test_the_panel_shows_a_picture(tmp_path: Path) -> None:
    family, data, panel, _ = BLOCKS
    code = (
        "import time\n"
        "from pathlib import Path\n"
        "from genexplorer.cli import run\n"
        "assert run(['train', 'linear_autoencoder', 'stripes', '--train.steps', '20', '--run', 'mine']) == 0\n"
        "from genexplorer.app import Desk, application, await_plugins, make_window\n"
        "app = application(); window = make_window(None); await_plugins(app); desk = Desk(window, None)\n"
        "desk.session.open_run(desk.session.store.find('mine'))\n"
        "mine = next(p for p in desk.panels if p.title == 'Centre')\n"
        "end = time.time() + 20\n"
        "while mine.image.image() is None and time.time() < end: app.processEvents()\n"
        "print('shown', mine.image.image().width()); window.close()\n"
    )
    assert "shown 16" in run_with(tmp_path, [family, data, panel], code)


def test_the_rule_finds_what_it_is_for(tmp_path: Path) -> None:
    family, data, _, rule = BLOCKS
    code = (
        "from genexplorer.cli import run\n"
        "arguments = ['train', 'linear_autoencoder', 'stripes', '--train.steps', '400', '--train.batch-size', '500']\n"
        "assert run([*arguments, '--train.lr', '1e-30', '--run', 'mine']) == 0\n"
        "assert run(['doctor', 'mine']) == 0\n"
    )
    assert "Nothing is learnt\n" in run_with(tmp_path, [family, data, rule], code)


@pytest.mark.parametrize("name", list(BLOCKS))
def test_recipes_are_formatted(name: str, tmp_path: Path) -> None:
    file = tmp_path / "block.py"
    file.write_text(BLOCKS[name], "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "120", str(file)], capture_output=True
    )
    assert done.returncode == 0, done.stderr
