"""A training as a line of the shell."""

import shlex

from .runs import RunInfo


def command(info: RunInfo) -> str:
    """The `genexplorer train` that trains the same; what stands at its default is left out."""
    words = ["genexplorer", "train", info.model.name, info.data.name]
    for prefix, recipe in (("model", info.model), ("data", info.data), ("train", info.train)):
        suited = info.model.training if recipe is info.train else {}
        for name, field in type(recipe).model_fields.items():
            value, option = getattr(recipe, name), name.replace("_", "-")
            if value == suited.get(name, field.get_default(call_default_factory=True)):
                continue
            if isinstance(value, bool):
                words.append(f"--{prefix}.{option}" if value else f"--{prefix}.no-{option}")
            else:
                words += [f"--{prefix}.{option}", str(value)]
    return shlex.join(words)
