"""What two players play for: losses of a discriminator and a generator, from the scores that the first gives.

A score is a logit, (B,): above 0 where an image looks real.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

GameName = Literal["minimax", "nonsaturating", "wasserstein", "hinge", "least_squares", "relativistic"]


@dataclass(frozen=True)
class Game:
    """`d(real, fake, smoothing)` and `g(fake)`, each the mean loss of one player.

    In a relative game a score counts only by how far it lies above that of an image of the other kind: what `g` is
    given then is fake - real. `smooths` tells whether the label of real images can be softened to 1 - smoothing.
    """

    d: Callable[[Tensor, Tensor, float], Tensor]
    g: Callable[[Tensor], Tensor]
    relative: bool = False
    smooths: bool = False


def _told_apart(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))), D = sigmoid of the score: Goodfellow et al. 2014, eq. 1.

    One-sided label smoothing: Salimans et al. 2016, section 3.4.
    """
    target = torch.full_like(real, 1 - smoothing)
    return F.binary_cross_entropy_with_logits(real, target) + F.softplus(fake).mean()


def _squares(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    return 0.5 * ((real - (1 - smoothing)).square().mean() + fake.square().mean())


GAMES: dict[GameName, Game] = {
    # Goodfellow et al. 2014, eq. 1: the generator minimises E log(1 - D(G(z))), which is flat where D is sure.
    "minimax": Game(_told_apart, lambda fake: -F.softplus(fake).mean(), smooths=True),
    # The same, section 3: -E log D(G(z)), with the same fixed point and a gradient from the start.
    "nonsaturating": Game(_told_apart, lambda fake: F.softplus(-fake).mean(), smooths=True),
    # Arjovsky et al. 2017, eq. 2 and 3; it wants D to be 1-Lipschitz.
    "wasserstein": Game(lambda real, fake, _: fake.mean() - real.mean(), lambda fake: -fake.mean()),
    # Lim & Ye 2017; Miyato et al. 2018, eq. 16 and 17.
    "hinge": Game(lambda real, fake, _: F.relu(1 - real).mean() + F.relu(1 + fake).mean(), lambda fake: -fake.mean()),
    # Mao et al. 2017, eq. 9, with a = 0 and b = c = 1.
    "least_squares": Game(_squares, lambda fake: 0.5 * (fake - 1).square().mean(), smooths=True),
    # Jolicoeur-Martineau 2019, RpGAN; Huang et al. 2024 (R3GAN), eq. 2, with f(t) = -log(1 + exp(-t)).
    "relativistic": Game(
        lambda real, fake, _: F.softplus(fake - real).mean(), lambda ahead: F.softplus(-ahead).mean(), relative=True
    ),
}
