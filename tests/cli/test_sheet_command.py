"""Runs side by side on one sheet, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image


def test_sheet(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    code, out, err = call("sheet", trained, "digits", "--num", 4)
    assert code == 0 and "2 runs in sheet.png" in err and "Nothing was measured" in out
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.mode == "RGB" and sheet.width > 4 * 2 * 64
    measured = ("--metrics", "reconstruction", "--images", 200, "--csv", "numbers.csv")
    code, out, _ = call("sheet", trained, *measured)
    assert code == 0 and out.split()[:3] == ["measure", "tiny", "unit"] and "mse" in out
    assert (tmp_path / "numbers.csv").read_text("utf-8").startswith("measure,unit,tiny,tiny low,tiny high,best\nmse,")


def test_sheet_mistakes(call: Callable[..., Any], trained: str) -> None:
    for arguments, sentence in (
        ((), "Say what to draw"),
        ((trained, "--num", 0), "--num should be 1 to 64, got 0."),
        ((trained, "--out", "sheet.jpg"), "--out should name a PNG, as sheet.png, got sheet.jpg."),
        ((trained, "--metrics", "reconstruktion"), "did you mean 'reconstruction'"),
        ((trained, "faces"), "Runs on one sheet want images of one shape"),
    ):
        code, _, err = call("sheet", *arguments)
        assert code == 2 and sentence in " ".join(err.split()), arguments
