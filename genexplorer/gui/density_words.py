"""What is said of how probable images are."""

import math
from collections.abc import Sequence

from genexplorer.engine.density import Density
from genexplorer.engine.survey import Apart
from genexplorer.statistics.bounds import Bound

_SURE = 2.0  # standard errors
_ENOUGH = 10  # draws that count, for their spread to tell the error


def signed(value: float, digits: int) -> str:
    """With a minus that is as wide as a plus."""
    text = f"{value:,.{digits}f}"
    return ("−" + text[1:] if text.startswith("-") else text) if float(text.replace(",", "")) else f"{0:.{digits}f}"


def with_error(bound: Bound) -> str:
    """As many digits as the error leaves sense in."""
    if not math.isfinite(bound.error):
        return signed(bound.value, 2)
    digits = next((digits for digits, least in ((0, 10.0), (1, 1.0), (2, 0.01)) if bound.error >= least), 3)
    return f"{signed(bound.value, digits)} ± {bound.error:,.{digits}f}"


def times(nats: float) -> str:
    """e^nats, nats ≥ 0, as people say it."""
    tens = nats / math.log(10)
    if tens >= 6:
        return f"10<sup>{tens:,.0f}</sup> times"
    factor = math.exp(nats)
    return f"{factor:,.1f} times" if factor < 10 else f"{float(f'{factor:.2g}'):,.0f} times"


def likelier(gap: Bound, what: str) -> str:
    """Which of two images is likelier, and by how much; rich text."""
    difference = f"{what}(x₁) − {what}(x₂) = {with_error(gap)} nats"
    if math.isfinite(gap.error) and abs(gap.value) <= _SURE * gap.error:
        return f"Too close to call: {difference}. More draws tell." if gap.value else "Both are equally likely."
    one, other = ("x₁", "x₂") if gap.value > 0 else ("x₂", "x₁")
    return f"<b>{one} is likelier</b> than {other}, about {times(abs(gap.value))}: {difference}."


def doubtful(densities: Sequence[Density]) -> str:
    """Where so few draws weigh that their error is not to be trusted."""
    few = [
        f"{density.effective:.1f} of {density.draws:,} draws count for {name}"
        for name, density in zip(("x₁", "x₂"), densities, strict=False)
        if density.bounds and density.draws > _ENOUGH > density.effective
    ]
    return f"Only {' and '.join(few)}: log p(x) may lie higher than ± tells." if few else ""


def told_apart(apart: Apart, name: str) -> str:
    """What the area under the ROC curve means for these two sets."""
    auroc = apart.auroc
    number = f"AUROC {auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})"
    share = f"test images are likelier than “{name}” in {100 * auroc.value:.1f} % of pairs"
    if auroc.high < 0.5:
        return f"{number}: {share}. The others are the likelier ones: likelihood alone does not tell what is strange."
    if auroc.low <= 0.5:
        return f"{number}: {share}. Likelihood does not tell them apart."
    return f"{number}: {share}."
