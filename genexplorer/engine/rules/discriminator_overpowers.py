"""The discriminator overpowers: it tells all images apart, and the generator hears nothing from it."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed
from genexplorer.engine.rivals import best_snapshot, lately, told_apart

_APART = 4.5  # d′; at 4 a fortieth of either kind lies on the wrong side
_ROWS = 0.8  # share of them
_STEPS = 300  # at first anybody could tell
_UNLIKE = 0.1


@RULES.register("discriminator_overpowers")
class DiscriminatorOverpowers(Rule):
    title = "Discriminator overpowers"
    gravity = 2
    why = (
        "Where no score of a real image is as low as that of any made one, the discriminator can be as steep or as "
        "flat as it likes in between: what it passes back is no direction towards better pictures."
    )
    source = "Arjovsky & Bottou 2017, “Towards Principled Methods for Training GANs”, section 2"

    def look(self, case: Case) -> Finding | None:
        apart, unlike = lately(told_apart(case), case), case.lately("unlike", 1)
        if case.step < _STEPS or not len(apart) or not len(unlike) or unlike[-1] < _UNLIKE:
            return None
        if (apart > _APART).mean() < _ROWS:
            return None
        model = case.info.model
        if getattr(model, "penalty", "none") == "none":
            how, fields = "its slope held to 0", {"penalty": "r1r2", "gamma": 1.0, "spectral": False, "d_steps": 1}
        else:
            gamma = 4 * max(getattr(model, "gamma", 1.0), 0.25)
            how = f"its slope held back four times as much, γ = {gamma:g}"
            fields = {"gamma": gamma, "d_lr": getattr(model, "d_lr", 1.0) / 2}
        start = best_snapshot(case)
        whence = f"Go on from the checkpoint of step {start:,}" if start else "Train anew"
        return Finding(
            f"Scores of real and of made images lie {np.median(apart):.1f} standard deviations apart.",
            Remedy(f"{whence}, with the discriminator made gentler: {how}.", changed(case.info, model=fields), start),
        )
