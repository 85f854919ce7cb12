"""To diffusers and back: the same pictures from the same noise."""

from pathlib import Path
from typing import Any

import pytest
import torch

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS
from genexplorer.engine.denoise import steer, usual_way
from genexplorer.engine.interchange import export_pipeline
from genexplorer.networks.samplers import SAMPLERS

SPEC = DataSpec((1, 8, 8), (Label("kind", "class", ("a", "b", "c")),))


def saved(folder: Path, spec: DataSpec = SPEC, **settings: Any) -> Checkpoint:
    torch.manual_seed(0)
    recipe = MODELS["ddpm"].parse({"width": 8, **settings})
    model = recipe.build(spec)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, 0.05, 0.15)
    return save_checkpoint(folder / "model.safetensors", model, recipe, DATASETS["digits"].parse({}), spec, 1)


@pytest.mark.parametrize("prediction", ["eps", "x0", "v"])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("given", [(), (1.0,)])
def test_diffusers_draws_the_same_pictures(
    tmp_path: Path, prediction: str, schedule: str, given: tuple[float, ...]
) -> None:
    """Theirs begins from noise that it draws first, then draws that of each step from the same generator."""
    from diffusers import DDPMPipeline

    checkpoint = saved(
        tmp_path, prediction=prediction, schedule=schedule, **({"condition": ("kind",)} if given else {})
    )
    folder = export_pipeline(checkpoint, tmp_path / "pipeline", given)
    pipeline = DDPMPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    made = pipeline(2, torch.Generator().manual_seed(0), num_inference_steps=20, output_type="np").images
    model, rng = checkpoint.model(), torch.Generator().manual_seed(0)
    usual = usual_way(checkpoint)
    steered = steer(model, type(usual)("ddpm", 20, 1.0, given))
    way = SAMPLERS["ddpm"]
    with torch.inference_mode():
        xt = torch.randn(2, *SPEC.shape, generator=rng)
        *_, last = way.run(steered.denoise, xt, way.times(20, steered.schedule), steered.schedule, rng)
    ours = ((last.xt + 1) / 2).clamp(0, 1).permute(0, 2, 3, 1)
    assert (ours - torch.from_numpy(made)).abs().max() <= 1 / 255


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"patch": 2}, "no patches"),
        ({"self_condition": True}, "self-conditioning"),
        ({"prediction": "velocity"}, "eps, x0 or v"),
    ],
)
def test_what_they_cannot_hold_is_refused(tmp_path: Path, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        export_pipeline(saved(tmp_path, **settings), tmp_path / "pipeline")
    assert not (tmp_path / "pipeline").exists()


def test_sizes_that_do_not_halve_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="halve evenly"):
        export_pipeline(saved(tmp_path, DataSpec((1, 9, 9))), tmp_path / "pipeline")
