"""Each fault is planted in a real training and found, it alone; its remedy mends it; the healthy are left alone."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from genexplorer.core.data import DATASETS
from genexplorer.core.errors import Failure
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.doctor import RULES, Case, Diagnosis, case_of, changed, diagnose, differences
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.signs import Examination
from genexplorer.engine.train import train

SHORT = {"steps": 300, "batch_size": 64, "preview_every": 30, "save_every": 100, "log_every": 10}
MLP = {"network": "mlp", "hidden": 128, "latent_dim": 8}
WORDS = {"width": 8, "prior_width": 8, "prior_layers": 1}
Plant = Callable[[Model], None]


def info(family: str, model: dict[str, Any], data: tuple[str, dict[str, Any]], settings: dict[str, Any]) -> RunInfo:
    recipe = TrainRecipe.parse(SHORT | {"precision": "32-true"} | settings)
    return RunInfo(MODELS[family].parse(model), DATASETS[data[0]].parse(data[1]), recipe)


@pytest.fixture
def go(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Train recipes to their end, with something planted in the fresh weights."""

    def run(recipes: RunInfo, plant: Plant | None = None, start: Path | None = None) -> Run:
        made = store.create(recipes, start=start)
        cls = type(recipes.model)
        build = cls.build

        def planted(self: Any, spec: Any) -> Model:
            model = build(self, spec)
            if plant is not None:
                plant(model)
            return model

        with monkeypatch.context() as patch:
            patch.setattr(cls, "build", planted)
            with suppress(Failure):  # a loss that breaks for good: the doctor is asked all the more
                list(train(made))
        return made

    return run


def ever(run: Run) -> dict[str, float]:
    """What would have been found at any row of the run, and at which step first."""
    case, found = case_of(run), {}
    for count in range(1, len(case.rows) + 1):
        for each in diagnose(replace(case, rows=case.rows[:count])):
            found.setdefault(each.rule.name, case.rows[count - 1]["step"])
    return found


def only(run: Run) -> Diagnosis:
    found = diagnose(case_of(run))
    assert len(found) == 1, found
    return found[0]


def scaled(factor: float) -> Plant:
    def plant(model: Model) -> None:
        with torch.no_grad():
            for weight in model.parameters():
                if weight.ndim > 1:
                    weight.mul_(factor)

    return plant


def silenced(model: Model) -> None:
    """A bias of -100 before every ReLU."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("0.bias"):
                weight.fill_(-100.0)


def check_words(each: Diagnosis) -> None:
    finding = each.finding
    for text in (finding.seen, finding.remedy.text, each.rule.why):
        assert text.endswith(".") and text[0].isupper() and "\n" not in text
    assert each.rule.title and each.rule.source and each.changes
    RunInfo(*(type(part).parse(part.to_json()) for part in vars(finding.remedy.info).values()))


FAULTS: dict[str, tuple[str, RunInfo, Plant | None]] = {
    "a KL that weighs fifty times": ("posterior_collapse", info("vae", {**MLP, "beta": 50}, ("digits", {}), {}), None),
    "pixels that may be anything": ("posterior_collapse", info("vae", {**MLP, "sigma": 2}, ("digits", {}), {}), None),
    "a learning rate of 1, ReLU": ("learning_rate_too_high", info("vae", MLP, ("digits", {}), {"lr": 1}), None),
    "a learning rate of 1, SiLU": (
        "learning_rate_too_high", info("vae", {"width": 8, "latent_dim": 8}, ("digits", {}), {"lr": 1}), None,
    ),
    "a learning rate of 1e-6": ("learning_rate_too_low", info("vae", MLP, ("digits", {}), {"lr": 1e-6}), None),
    "weights thirty times too large": ("exploding_gradients", info("vae", MLP, ("digits", {}), {}), scaled(30)),
    "fourteen layers": (
        "vanishing_gradients",
        info("autoencoder", {"network": "deep", "layers": (64,) * 14, "latent_dim": 8}, ("digits", {}), {}), None,
    ),
    "eight layers": (
        "vanishing_gradients",
        info("autoencoder", {"network": "deep", "layers": (64,) * 8, "latent_dim": 8}, ("digits", {}), {}), None,
    ),
    "a book of 2,048 words for digits": (
        "dead_words", info("vqvae", {**WORDS, "codes": 2048}, ("digits", {}), {}), None,
    ),
    "biases of -100": ("dead_units", info("vae", MLP, ("digits", {}), {}), silenced),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_alone_and_its_remedy_mends_it(fault: str, go: Callable[..., Run]) -> None:
    name, recipes, plant = FAULTS[fault]
    sick = go(recipes, plant)
    found = only(sick)
    assert found.rule.name == name
    check_words(found)
    assert found.changes == ", ".join(differences(recipes, found.finding.remedy.info))
    cured = go(found.finding.remedy.info)
    assert not diagnose(case_of(cured))
    assert sick.path.exists() and sick.info() == recipes


@pytest.fixture
def few(tmp_path: Path) -> Callable[[int], tuple[str, dict[str, Any]]]:
    """A folder of so many digits, of which half are trained on."""

    def make(count: int) -> tuple[str, dict[str, Any]]:
        folder = tmp_path / f"{count} digits"
        folder.mkdir()
        for number, image in enumerate(load_digits().images[:count]):
            Image.fromarray((image * 15.9).astype(np.uint8)).save(folder / f"{number:04}.png")
        return "folder", {"path": folder, "size": 8, "channels": "gray", "test_share": 0.5}

    return make


def test_thirty_images_are_learnt_by_heart(go: Callable[..., Run], few: Callable[..., Any]) -> None:
    run = go(info("vae", {**MLP, "sigma": 0.05}, few(64), {"steps": 1200, "preview_every": 100}))
    found = only(run)
    assert found.rule.name == "memorisation"
    check_words(found)


def test_some_hundred_images_are_not_enough_for_a_large_network(
    go: Callable[..., Run], few: Callable[..., Any]
) -> None:
    model = {"network": "mlp", "hidden": 512, "latent_dim": 32, "sigma": 0.1}
    run = go(info("vae", model, few(200), {"steps": 1000, "preview_every": 50}))
    found = only(run)
    assert found.rule.name == "overfitting"
    check_words(found)


def test_more_images_mend_it_where_more_can_be_made(go: Callable[..., Run]) -> None:
    settings = {"steps": 600, "preview_every": 60, "log_every": 20}
    run = go(info("vae", {"network": "mlp", "sigma": 0.1}, ("shapes", {"size": 16, "num": 36}), settings))
    (found,) = diagnose(case_of(run))
    assert found.rule.name in ("memorisation", "overfitting") and "num 36 → 5,000" in found.changes
    assert not diagnose(case_of(go(found.finding.remedy.info)))


HEALTHY = {
    **{f"vae, seed {seed}": info("vae", {}, ("digits", {}), {"seed": seed, "batch_size": 128}) for seed in range(3)},
    **{f"mlp, seed {seed}": info("vae", MLP, ("digits", {}), {"seed": seed, "lr": 2e-3}) for seed in range(2)},
    "a KL that comes in": info("vae", {**MLP, "kl_warmup": 150}, ("digits", {}), {}),
    "free bits": info("vae", {**MLP, "free_bits": 0.2}, ("digits", {}), {}),
    "learnt spread": info("vae", {**MLP, "likelihood": "gaussian_learned"}, ("digits", {}), {}),
    "coins": info("vae", {**MLP, "likelihood": "bernoulli"}, ("digits", {}), {}),
    "sharp pixels": info("vae", {**MLP, "sigma": 0.05}, ("digits", {}), {}),
    "beta 4": info("vae", {**MLP, "beta": 4}, ("digits", {}), {}),
    "a slow one": info("vae", MLP, ("digits", {}), {"lr": 2e-4}),
    "a quick one": info("vae", MLP, ("digits", {}), {"lr": 1e-2}),
    "nothing cut": info("vae", MLP, ("digits", {}), {"clip": 0}),
    "rows of every step": info("vae", MLP, ("digits", {}), {"log_every": 1, "steps": 150}),
    "shapes": info("vae", {"width": 8}, ("shapes", {"size": 16, "num": 2000}), {}),
    "autoencoder": info("autoencoder", {"width": 8}, ("digits", {}), {}),
    "deep": info("autoencoder", {"network": "deep", "layers": (256, 128)}, ("digits", {}), {}),
    "pretrained": info(
        "autoencoder", {"network": "deep", "layers": (256, 128), "pretrain": 50}, ("digits", {}), {"steps": 400}
    ),
    "recurrent": info("autoencoder", {"network": "recurrent", "hidden": 64}, ("digits", {}), {}),
    "words": info("vqvae", WORDS, ("digits", {}), {}),
    "sparse": info("sparse", {"latent_dim": 64, "k_warmup": 100}, ("digits", {}), {}),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_no_false_alarm_at_any_row(name: str, go: Callable[..., Run]) -> None:
    run = go(HEALTHY[name])
    assert not ever(run)
    assert {"grad_norm", "update", "held_in", "held_out", "spread", "copied"} - {
        key for row in run.metrics() for key in row
    } <= {"nothing cut": {"grad_norm"}, "words": {"held_in", "held_out"}}.get(name, set())


def test_no_false_alarm_on_the_shipped_recipes(go: Callable[..., Run]) -> None:
    """Shortened: a person sees the whole of them when the models are made."""
    short: dict[str, dict[str, Any]] = {
        "digits": {"train": {"steps": 200, "preview_every": 20, "save_every": 200}},
        "faces": {
            "data": {"num": 400},
            "train": {"steps": 24, "batch_size": 16, "log_every": 2, "preview_every": 8, "save_every": 24},
        },
        "fashion-gan": {"train": {"steps": 400, "log_every": 10, "preview_every": 20, "save_every": 400}},
        "fashion-diffusion": {
            "model": {"sample_steps": 2},
            "train": {"steps": 60, "batch_size": 16, "log_every": 5, "preview_every": 20, "save_every": 60},
        },
        "faces-diffusion": {
            "model": {"sample_steps": 2},
            "data": {"num": 400},
            "train": {"steps": 16, "batch_size": 16, "log_every": 2, "preview_every": 16, "save_every": 16},
        },
    }
    recipes = {
        path.parent.name: path for path in (Path(__file__).parents[2] / "resources/models").glob("*/recipe.json")
    }
    assert set(recipes) == set(short)
    if not Path("/usr/share/datasets/fashion-mnist").exists():
        recipes = {name: path for name, path in recipes.items() if "fashion" not in name}  # nothing is downloaded
    for name, path in sorted(recipes.items()):
        assert not ever(go(changed(RunInfo.read(path), **short[name]))), name


def test_a_run_without_signs_is_judged_by_what_it_has() -> None:
    """Runs of older versions recorded the loss and its parts alone; so does one that has just begun."""
    recipes = info("vae", MLP, ("digits", {}), {"steps": 1000})
    rows = [{"step": step, "loss": 1 + 1 / step, "recon": 60.0, "kl": 9.0} for step in range(20, 1001, 20)]
    for count in (0, 1, 2, 10, len(rows)):
        assert not diagnose(Case(recipes, rows[:count]))
    collapsed = [{**row, "kl": 0.01} for row in rows]
    assert [each.rule.name for each in diagnose(Case(recipes, collapsed))] == ["posterior_collapse"]


def test_a_loss_that_broke_goes_on_from_the_last_good_checkpoint(go: Callable[..., Run]) -> None:
    """And the new run begins with the very weights of that checkpoint."""
    recipes = info("vae", MLP, ("digits", {}), {"steps": 300, "lr": 4e-3})
    run = go(recipes)
    case = replace(case_of(run), broken=(250,))
    (found,) = diagnose(case)
    assert found.rule.name == "learning_rate_too_high" and found.finding.remedy.start == 200
    assert found.finding.remedy.text == "Go on from the checkpoint of step 200 with a learning rate of 0.001."
    again = go(changed(found.finding.remedy.info, train={"steps": 20}), start=run.checkpoint_path(200))
    first, last = again.metrics()[0]["held_in"], run.metrics()[-1]["held_in"]
    assert first < last + 0.05 < run.metrics()[0]["held_in"] - 0.3
    assert not ever(again)


def test_a_broken_loss_is_kept_in_the_log(go: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    cls = type(MODELS["vae"].parse(MLP).build(case_spec()))
    loss = cls.loss

    def broken(self: Any, batch: Any) -> Any:
        return {name: value * (math.nan if batch.step > 150 else 1) for name, value in loss(self, batch).items()}

    monkeypatch.setattr(cls, "loss", broken)
    run = go(info("vae", MLP, ("digits", {}), {}))
    found = only(run)
    assert found.rule.name == "learning_rate_too_high" and "3 times" in found.finding.seen
    assert all(math.isfinite(value) for row in run.metrics() for value in row.values())


def case_spec() -> Any:
    from genexplorer.core.data import DataSpec

    return DataSpec((1, 8, 8))


def test_every_rule_can_say_what_it_is() -> None:
    assert len(RULES) >= 8
    for name in RULES:
        rule = RULES[name]
        assert rule.title and rule.why.endswith(".") and rule.source and rule.gravity in (1, 2, 3)
        assert rule().look(Case(info("vae", MLP, ("digits", {}), {}), ())) is None


def test_metrics_are_plain_json(go: Callable[..., Run]) -> None:
    run = go(info("vae", MLP, ("digits", {}), {"steps": 20}))
    for line in run.metrics_path.read_text().splitlines():
        json.loads(line, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))


@pytest.mark.parametrize("family", sorted(MODELS))
def test_to_be_examined_changes_nothing(family: str) -> None:
    """Of any family: neither its weights and buffers, nor anyone's randomness; and twice asked is twice the same."""
    data = drained(DATASETS["digits"].parse({}).load(Path()))
    model = MODELS[family].parse({}).build(data.spec).eval().requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    examination = Examination(data, 0, torch.device("cpu"))
    signs = examination.measure(model, 300)
    assert signs and signs == examination.measure(model, 300)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def drained(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
