"""Memorisation: pictures that are copies of training images."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, fewer_or_more

_SHARE = 0.15


@RULES.register("memorisation")
class Memorisation(Rule):
    title = "Memorisation"
    gravity = 2
    why = (
        "With few images a network can keep each of them whole. What it then draws, from a random code or from an "
        "image that it never saw, is one of those that it keeps, and between them there is nothing."
    )
    source = "Gu et al. 2023, “On Memorization in Diffusion Models”; Radhakrishnan et al. 2019"

    def look(self, case: Case) -> Finding | None:
        copied = case.series("copied")[1]
        if len(copied) < 3 or copied[-2:].min() < _SHARE:
            return None
        text, parts = fewer_or_more(case.info)
        return Finding(
            f"Of the pictures made of codes or of images never seen, {copied[-1]:.0%} are at least twice as near to "
            "one training image as to any other: copies.",
            Remedy(f"Train anew with {text}.", changed(case.info, **parts)),
            explains=("overfitting",),
        )
