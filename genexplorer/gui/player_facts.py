"""What was measured of two players, in words."""

from genexplorer.engine.players import Both, Game, Modes, Read, Spread
from genexplorer.statistics.estimate import Estimate

_SHOWN = 6  # kinds that are named


def standing(both: Both | None, game: Game | None) -> str:
    """How often D is right, and how large the two's gradients are beside each other."""
    parts = []
    if both is not None:
        parts.append(f"D ranks a real image above a sample in {100 * both.right:.0f} % of pairs")
    if game is not None:
        d, g = (game.curve(f"grad_norm_{who}", most=20)[1] for who in "dg")
        if len(d) and len(g) and g[-1] > 0:
            parts.append(f"D's gradient is {d[-1] / g[-1]:.2g} × that of G")
    return " · ".join(parts)


def read_words(read: Read) -> str:
    """The linear SVM's line; rich text."""
    return (
        f"<b>{read.label.name.replace('_', ' ').capitalize()}, read off linearly:</b> "
        f"{_percent(read.features)} from D's {read.size} features, {_percent(read.pixels)} from pixels, "
        f"{_percent(read.pca)} from as many principal components ({read.images:,} test images)"
    )


def modes_words(modes: Modes) -> str:
    """How many kinds are drawn, and which are not, or seldom; rich text."""
    there = modes.data > 0
    covered, total = int(modes.covered[there].sum()), int(there.sum())
    missing = [modes.classes[k].replace("_", " ") for k in range(len(there)) if there[k] and not modes.covered[k]]
    named = ", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
    if missing:
        rest = f"hardly ever {named}"
    else:
        rarest = min((k for k in range(len(there)) if there[k]), key=lambda k: modes.samples[k] / modes.data[k])
        rest = (
            f"the rarest, {modes.classes[rarest].replace('_', ' ')}, in {100 * modes.samples[rarest]:.1f} % of samples "
            f"and {100 * modes.data[rarest]:.1f} % of images"
        )
    return f"<b>Kinds drawn:</b> {covered} of {total}, {rest} (the judge is right in {100 * modes.right:.0f} %)"


def spread_words(spread: Spread) -> str:
    """Rich text."""
    share = spread.samples / max(spread.real, 1e-12)
    return (
        f"<b>Variety:</b> two samples are {spread.samples:.3f} apart, two test images {spread.real:.3f}: "
        f"{100 * share:.0f} % of it"
    )


def _percent(found: Estimate) -> str:
    return f"{100 * found.value:.1f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"
