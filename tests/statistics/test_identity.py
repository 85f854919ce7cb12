"""What an edit has kept, on features whose distances are known."""

import torch

from genexplorer.statistics.identity import identity_kept


def test_identity_is_kept_whole_in_part_or_not() -> None:
    rng = torch.Generator().manual_seed(0)
    others, x = torch.randn(400, 8, generator=rng), torch.randn(5, 8, generator=rng)
    usual = torch.cdist(x, others).median(1).values
    way = torch.nn.functional.normalize(torch.randn(5, 8, generator=rng), dim=1)
    assert torch.equal(identity_kept(x, x, others), torch.ones(5))
    torch.testing.assert_close(identity_kept(x, x + 0.25 * usual[:, None] * way, others), torch.full((5,), 0.75))
    assert torch.equal(identity_kept(x, x + 2 * usual[:, None] * way, others), torch.zeros(5))
