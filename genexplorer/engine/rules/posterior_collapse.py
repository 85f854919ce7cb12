"""Posterior collapse: the code says nothing of the image."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, has

_NATS = 0.1  # of all dimensions together: a tenth of the answer to a yes-or-no question and a half
_STEPS = 200  # a decoder learns to draw the mean image first, and hears its code only then


@RULES.register("posterior_collapse")
class PosteriorCollapse(Rule):
    title = "Posterior collapse"
    gravity = 3
    why = (
        "The KL costs more than the code is worth to the decoder, so q(z | x) becomes the prior for every image, and "
        "the decoder draws one mean image whatever the sliders say."
    )
    source = "Bowman et al. 2016, section 3.1; Lucas et al. 2019, “Don't Blame the ELBO!”"

    def look(self, case: Case) -> Finding | None:
        kl, active = case.lately("kl"), case.lately("active", 1)
        if case.step < case.info.model.settled + _STEPS or not len(kl) or kl.max() > _NATS or active.any():
            return None
        known = f"; of {case.info.model.latent_dim} dimensions none is in use" if len(active) else ""  # type: ignore[attr-defined]
        return Finding(
            f"The KL is {kl.mean():.2g} nats: the code holds next to nothing of the image{known}.",
            self.remedy(case),
            explains=("overfitting",),
        )

    def remedy(self, case: Case) -> Remedy:
        info, train = case.info, case.info.train
        beta = getattr(info.model, "beta", 1.0)
        fields = {"kl_warmup": max(getattr(info.model, "kl_warmup", 0), train.steps // 5)}
        text = "Train anew, and let the KL come in slowly"
        if beta > 1:
            return Remedy(f"{text}, with a weight of 1.", changed(info, model={**fields, "beta": 1.0}))
        if getattr(info.model, "likelihood", "") == "gaussian":
            learned = {**fields, "likelihood": "gaussian_learned"}
            return Remedy(
                f"{text}; the spread of the pixels is learnt too, for one that is too wide lets the decoder be "
                "careless (Rybkin et al. 2021).",
                changed(info, model=learned),
            )
        free = {"free_bits": 0.1} if has(info, "model", "free_bits") else {}
        return Remedy(f"{text}, with 0.1 nats per dimension for free.", changed(info, model={**fields, **free}))
