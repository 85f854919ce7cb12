"""Our U-Net under the names that diffusers' UNet2DModel gives it."""

from typing import Any

from torch import Tensor, nn

from .unet import UNet

_RESIDUAL = {
    "norm1": "norm1",
    "conv1": "conv1",
    "time": "time_emb_proj",
    "norm2": "norm2",
    "conv2": "conv2",
    "skip": "conv_shortcut",
}
_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "out": "to_out.0"}
_PLAIN = {
    "stem": "conv_in",
    "embed.first": "time_embedding.linear_1",
    "embed.second": "time_embedding.linear_2",
    "norm": "conv_norm_out",
    "out": "conv_out",
}


def settings_of(network: UNet, size: int) -> dict[str, Any]:
    """What UNet2DModel is to be made with, for images of `size` px."""
    widths = [block.conv2.out_channels for block in (level[-1] for level in network.down)]  # type: ignore[index]
    return {
        "sample_size": size,
        "in_channels": network.stem.in_channels,
        "out_channels": network.out.out_channels,
        "block_out_channels": widths,
        "layers_per_block": len(network.down[0]),  # type: ignore[arg-type]
        "down_block_types": ["DownBlock2D"] * len(widths),
        "up_block_types": ["UpBlock2D"] * len(widths),
        "norm_num_groups": network.norm.num_groups,
        "attention_head_dim": widths[-1] // network.attention.heads,
        "flip_sin_to_cos": True,
        "freq_shift": 0,
    }


def theirs(weights: dict[str, Tensor], network: UNet) -> dict[str, Tensor]:
    """Weights by UNet2DModel's names; those of conditions have none there."""
    names = _names(network)
    return {
        f"{names[module]}.{kind}": weight
        for key, weight in weights.items()
        for module, _, kind in [key.rpartition(".")]
        if module in names
    }


def _names(network: UNet) -> dict[str, str]:
    """Their name of each module, by ours."""
    names = dict(_PLAIN)

    def residual(mine: str, other: str) -> None:
        names.update({f"{mine}.{a}": f"{other}.{b}" for a, b in _RESIDUAL.items()})

    for mine, other, joints, joint in (
        ("down", "down_blocks", "halvings", "downsamplers"),
        ("up", "up_blocks", "doublings", "upsamplers"),
    ):
        levels = getattr(network, mine)
        assert isinstance(levels, nn.ModuleList)
        for level, blocks in enumerate(levels):
            assert isinstance(blocks, nn.ModuleList)
            for number in range(len(blocks)):
                residual(f"{mine}.{level}.{number}", f"{other}.{level}.resnets.{number}")
            names[f"{joints}.{level}"] = f"{other}.{level}.{joint}.0.conv"
    residual("before", "mid_block.resnets.0")
    residual("after", "mid_block.resnets.1")
    names.update({f"attention.{a}": f"mid_block.attentions.0.{b}" for a, b in _ATTENTION.items()})
    return names
