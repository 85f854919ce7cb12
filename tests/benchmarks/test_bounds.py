"""Each measurement keeps its bound, which stands by its name in genexplorer/engine/bench. Wants an idle machine."""

import pytest

from genexplorer.cli import load_plugins
from genexplorer.engine.bench import bench
from genexplorer.engine.bench.rows import BENCHMARKS


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_bound(name: str):
    load_plugins()
    (row,) = bench(name)
    if row.passed is None:
        pytest.skip(row.what)
    assert row.passed, f"{row.ratio:.3f}, wanted {row.bound}; {row.what}"
