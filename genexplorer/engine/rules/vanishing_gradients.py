"""Vanishing gradients: layers that hear nothing of the loss."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, convolves, has

_SHARE = 0.2
_SPREAD = 0.01
_STEPS = 200


@RULES.register("vanishing_gradients")
class VanishingGradients(Rule):
    title = "Vanishing gradients"
    gravity = 3
    why = (
        "Each layer multiplies the gradient that passes back through it; where the factors are below 1, the product "
        "over many layers is nothing, the layers far from the loss do not learn, and the image does not get through."
    )
    source = "Hochreiter 1991; Glorot & Bengio 2010; He et al. 2016"

    def look(self, case: Case) -> Finding | None:
        if case.step < case.info.model.settled + _STEPS:
            return None
        starved, spread = case.lately("starved", 1), case.lately("spread", 1)
        if len(starved) and starved.mean() >= _SHARE:
            seen = (
                f"The gradients of {starved.mean():.0%} of the layers are below 1e-8, which moves nothing with AdamW."
            )
        elif len(spread) and spread.max() < _SPREAD and not len(case.series("kl")[0]):
            seen = f"Redrawn images have {spread[-1]:.1%} of the variety of their originals: no image gets through."
        else:
            return None
        return Finding(seen, self.remedy(case), explains=("overfitting",))

    def remedy(self, case: Case) -> Remedy:
        info = case.info
        layers: tuple[int, ...] = getattr(info.model, "layers", ())
        if len(layers) > 2:
            return Remedy("Train anew with two layers.", changed(info, model={"layers": (layers[0], layers[-1])}))
        if info.train.weight_decay > 0.1:
            return Remedy(
                "Train anew without the decay that shrinks the weights.", changed(info, train={"weight_decay": 0})
            )
        if getattr(info.model, "game", "") == "minimax":
            return Remedy(
                "Train anew with the non-saturating loss, which has a slope where the discriminator is sure "
                "(Goodfellow et al. 2014, section 3).",
                changed(info, model={"game": "nonsaturating"}),
            )
        if not convolves(info):
            return Remedy(
                "Train anew with convolutions, which let small gradients pass.",
                changed(info, model={"network": "dcgan" if has(info, "model", "game") else "conv"}),
            )
        return Remedy(
            "Train anew from other first weights, with residual blocks, around which gradients pass whole.",
            changed(
                info,
                model={"blocks": getattr(info.model, "blocks", 0) + 1},
                train={"seed": (info.train.seed + 1) % 2**31, "warmup": max(info.train.warmup, 200)},
            ),
        )
