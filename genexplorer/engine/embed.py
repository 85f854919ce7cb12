"""t-SNE in steps, so that it can be watched and left (van der Maaten & Hinton 2008)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genexplorer.core.model import Model

from .query import Query

_ROUNDS, _ITERATIONS = 4, 250  # scikit-learn runs no fewer at a time
_EXAGGERATION = 12.0


@dataclass(frozen=True, eq=False)
class Embedding:
    """xy float32 (N, 2) after `done` of `total` iterations; None before the first are through."""

    xy: np.ndarray | None
    done: int
    total: int


@dataclass(frozen=True)
class Embed(Query):
    """Places (N, 2) for codes (N, D) at which near neighbours stay near; distances between groups mean little.

    Each `Embedding` goes on from the one before. The first round exaggerates the attraction, so that groups form.
    """

    codes: np.ndarray
    perplexity: float = 30.0

    def answer(self, model: Model) -> Iterator[Embedding]:
        from sklearn.manifold import TSNE  # slow to import

        total = _ROUNDS * _ITERATIONS
        yield Embedding(None, 0, total)
        xy: np.ndarray | str = "pca"
        for done in range(_ITERATIONS, total + 1, _ITERATIONS):
            tsne = TSNE(
                init=xy,
                perplexity=min(self.perplexity, max(1.0, (len(self.codes) - 1) / 3)),
                early_exaggeration=_EXAGGERATION if done == _ITERATIONS else 1.0,
                learning_rate=max(len(self.codes) / _EXAGGERATION / 4, 50.0),
                max_iter=_ITERATIONS,
                random_state=0,
            )
            xy = np.asarray(tsne.fit_transform(self.codes), np.float32)
            yield Embedding(xy.copy(), done, total)
