"""Diffusion models to and from folders in diffusers' format."""

from collections.abc import Sequence
from pathlib import Path

import torch

from genexplorer.core.abilities import Denoises
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.schedule import T
from genexplorer.core.tensors import disk_trouble
from genexplorer.networks.guidance import Steers
from genexplorer.networks.unet import UNet
from genexplorer.networks.unet2d import settings_of, theirs

_PREDICTIONS = {"eps": "epsilon", "x0": "sample", "v": "v_prediction"}
_MOST = 0.9999  # of β: their scheduler divides by what is left of the image


def export_pipeline(checkpoint: Checkpoint, folder: Path, values: Sequence[float] = ()) -> Path:
    """Write the model so that `diffusers.DDPMPipeline.from_pretrained(folder)` draws what it draws itself.

    `values` are those of its conditions: they become a part of the weights, for their network knows of none. UserError
    where it is no U-Net of theirs, or says of x_t what their scheduler cannot be told.
    """
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

    model, recipe = checkpoint.model(), checkpoint.recipe
    network = getattr(model, "network", None)
    if not (isinstance(network, UNet) and isinstance(model, Denoises)):
        raise UserError(f"A {recipe.name} of these data is no U-Net, which diffusers' DDPMPipeline wants.")
    prediction = _PREDICTIONS.get(str(getattr(recipe, "prediction", "")))
    if prediction is None:
        raise UserError(f"diffusers' DDPMPipeline wants a network that says eps, x0 or v; this {recipe.name} does not.")
    if network.patch > 1 or checkpoint.spec.size % network.step or getattr(recipe, "self_condition", False):
        raise UserError(
            "diffusers' U-Net has no patches, no self-conditioning, and no sizes that do not halve evenly; "
            "train one without these to export it."
        )
    weights = theirs(network.state_dict(), network)
    if values and isinstance(model, Steers):
        told = network.embed.told
        assert told is not None
        bias = weights["time_embedding.linear_2.bias"]
        weights["time_embedding.linear_2.bias"] = bias + told(model.written(torch.tensor([[*values]])))[0].detach()
    unet = UNet2DModel(**settings_of(network, checkpoint.spec.size))
    unet.load_state_dict(weights)
    scheduler = DDPMScheduler(
        num_train_timesteps=T,
        trained_betas=model.schedule.betas.clamp(max=_MOST).tolist(),
        prediction_type=prediction,
        clip_sample=True,
        timestep_spacing="trailing",
    )
    try:
        DDPMPipeline(unet=unet, scheduler=scheduler).save_pretrained(folder, safe_serialization=True)
    except OSError as error:
        raise disk_trouble(folder / "model_index.json", error) from error
    return folder
