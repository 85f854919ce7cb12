"""How many bits numbers have, where fewer are quicker."""

from contextlib import AbstractContextManager, nullcontext

import torch


def has_fast_bf16(accelerator: str) -> bool:
    """Whether bf16 is quicker than 32 bits: on GPUs that have it, and on CPUs with instructions for it."""
    if accelerator in ("auto", "cuda") and torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if accelerator == "mps" or (accelerator == "auto" and torch.backends.mps.is_available()):
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and "avx512_bf16" in _cpu_flags()


def _cpu_flags() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - not a real file
            return next((line for line in file if line.startswith("flags")), "")
    except OSError:
        return ""


def quick(device: str = "cpu") -> AbstractContextManager[object]:
    """bf16 within it, where the device is quicker with it: for images, which are seen by 256 levels."""
    return torch.autocast(device, torch.bfloat16) if has_fast_bf16(device) else nullcontext()
