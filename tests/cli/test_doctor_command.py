"""`genexplorer doctor`."""

import json
from collections.abc import Callable
from typing import Any

COLLAPSES = (
    *("train", "vae", "digits", "--model.network", "mlp", "--model.hidden", "32", "--model.beta", "80"),
    *("--train.steps", "260", "--train.batch-size", "32", "--train.preview-every", "40", "--run", "sick"),
)


def test_a_fault_is_told_and_its_remedy_applied(call: Callable[..., Any]) -> None:
    assert call(*COLLAPSES)[0] == 0
    code, out, _ = call("doctor", "sick")
    assert code == 0
    assert out.startswith("Posterior collapse\n") and "beta 80 → 1" in out and "doctor sick --apply" in out
    code, out, _ = call("doctor", "sick", "--json", "-")
    (found,) = json.loads(out)["found"]
    assert found["fault"] == "posterior_collapse" and found["recipes"]["model"]["beta"] == 1
    code, _, errors = call("doctor", "sick", "--apply", "overfitting")
    assert code == 2 and "posterior_collapse" in errors
    code, _, errors = call("doctor", "sick", "--apply", "posterior_collapse")
    assert code == 0, errors
    assert call("doctor", "vae-digits-1")[1].startswith("All well.")
    assert call("doctor", "sick")[1].startswith("Posterior collapse")


def test_too_early_to_tell(call: Callable[..., Any], trained: str) -> None:
    code, out, _ = call("doctor", trained)
    assert code == 0 and out.startswith("All well.")
    code, _, errors = call("doctor", "nothing")
    assert code == 2 and "no run called" in errors
