"""Training as an iterator: whoever pulls it decides when to stop, pause and look."""

import copy
import math
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.checkpoint import save_checkpoint
from genexplorer.core.data import Batch, Data, to_float
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress
from genexplorer.core.memory import keep_big_blocks
from genexplorer.core.model import Metrics, Model
from genexplorer.core.tensors import read_tensors, write_tensors

from .fabric import FabricOptimizers, leave, make_fabric, peer_is_gone
from .previews import preview, write_sheet
from .runs import Run
from .settings import Hardware, TrainRecipe, is_leader
from .signs import Examination, Pulse

_ROLLBACKS = 2
_EXAMPLES = 256
_PULSE = 50  # steps


@dataclass(frozen=True)
class Step:
    """One step is done. `metrics` is None between logged steps; `seconds` counts steps alone, no saves, no pauses."""

    step: int
    total: int
    metrics: dict[str, float] | None
    seconds: float


@dataclass(frozen=True)
class Preview:
    step: int
    path: Path
    images: np.ndarray  # uint8 (N, C, H, W)


@dataclass(frozen=True)
class Saved:
    step: int
    path: Path


@dataclass(frozen=True)
class Note:
    """Something that the person should know; it also stands in the run's log."""

    step: int
    text: str


Event = Progress | Step | Preview | Saved | Note


def learning_rate(recipe: TrainRecipe, step: int) -> float:
    """Linear warm-up, then half a cosine to a hundredth of the height (Loshchilov & Hutter 2017, eq. 5)."""
    if step <= recipe.warmup:
        return recipe.lr * step / max(1, recipe.warmup)
    if recipe.decay == "none":
        return recipe.lr
    along = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.lr * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * along)))


def stream(seed: int, step: int) -> int:
    """The seed of one step's randomness. A function of the step alone, so that no generator's state need be saved."""
    return (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + 1) % (1 << 63)


class Order:
    """Which examples make up each step: every epoch a new shuffle, a function of seed and step alone."""

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        self.count, self.batch_size, self.seed = count, min(batch_size, count), seed
        self.per_epoch = count // self.batch_size
        self._epoch, self._shuffle = -1, torch.empty(0)

    def indices(self, step: int) -> Tensor:
        """Of the global batch of step 1, 2, …; what is left over at an epoch's end is in another shuffle's lap."""
        epoch, place = divmod(step - 1, self.per_epoch)
        if epoch != self._epoch:
            rng = torch.Generator().manual_seed(stream(self.seed ^ 0x5EED, epoch))
            self._epoch, self._shuffle = epoch, torch.randperm(self.count, generator=rng)
        return self._shuffle[place * self.batch_size : (place + 1) * self.batch_size]


def train(run: Run, hardware: Hardware | None = None) -> Generator[Event, None, None]:
    """Train a run to its end, from its start or from where it stopped.

    Closing the generator at any event leaves a whole checkpoint behind. UserError and Failure say in one sentence
    what ended it early; all that was saved stays, and a new run that could not begin is gone. Of several processes
    the first alone locks and writes.
    """
    lock = run.locked() if is_leader() else nullcontext()
    with run.unmade_if_refused(), lock, _few_threads(hardware or Hardware()) as hardware:
        info = run.info()
        keep_big_blocks()
        fabric = make_fabric(hardware, info.train.precision)
        data = yield from info.data.load(run.path.resolve().parent.parent / "cache")
        if len(data.train) == 0:
            raise UserError(f"The data set {info.data.name} has no images to train on.")
        for note in data.notes:
            yield Note(0, note)
        try:
            yield from _Training(run, data, fabric, hardware).go()
        except (RuntimeError, MemoryError) as error:
            if isinstance(error, torch.OutOfMemoryError | MemoryError) or _no_memory(str(error)):
                raise Failure("There is not enough memory; choose a smaller batch size, size or width.") from error
            if not peer_is_gone(error):
                raise
            if fabric.is_global_zero:
                raise Failure(
                    "Another of the processes that train together ended; the run is kept as of its last save, "
                    f"go on with --resume {run.name}."
                ) from error
        finally:
            leave(fabric)


@contextmanager
def _few_threads(hardware: Hardware) -> Iterator[Hardware]:
    before = torch.get_num_threads()
    if hardware.threads:
        torch.set_num_threads(hardware.threads)
    try:
        yield hardware
    finally:
        torch.set_num_threads(before)


class _Training:
    """What changes from step to step: networks, optimizers, and how far they are."""

    def __init__(self, run: Run, data: Data, fabric: Any, hardware: Hardware) -> None:
        self.run, self.data, self.fabric = run, data, fabric
        self.info = run.info()
        self.recipe = self.info.train
        with torch.random.fork_rng(devices=[]):  # layers draw their first weights from the global generator
            torch.manual_seed(self.recipe.seed)
            self.model: Model = self.info.model.build(data.spec)
        self.model.to(memory_format=torch.channels_last)
        self.model.to(fabric.device)
        self.ema = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.weights: list[Tensor] = list(self.model.parameters())
        self.averaged: list[Tensor] = list(self.ema.parameters())
        self.optimizers = FabricOptimizers(fabric, self.model, self.recipe, self.info.model.partial)
        module = torch.compile(self.model) if self.recipe.compile else self.model
        names = list(self.optimizers.plain)
        self.wrapped, *wrapped = fabric.setup(module, *self.optimizers.plain.values())
        for method in _losses(self.model):
            self.wrapped.mark_forward_method(method)
        self.optimizers.setup(self.wrapped, dict(zip(names, wrapped, strict=True)))
        self.rng = torch.Generator(fabric.device)
        self.order = Order(len(data.train), self.recipe.batch_size, self.recipe.seed)
        if self.order.batch_size % fabric.world_size:
            raise UserError(
                f"A batch of {self.order.batch_size} cannot be shared by {fabric.world_size} devices evenly."
            )
        self.examination = Examination(data, self.recipe.seed, fabric.device)
        self.step, self.saved, self.rollbacks, self.seconds = 0, -1, 0, 0.0
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}  # how many steps each sum is of: not every step tells every number

    def go(self) -> Iterator[Event]:
        if self.run.resume_path.exists():
            self.restore()
            self.rewind()
        else:
            self.begin()
            self.save_examples()
            self.save_state()
        if self.preview_due() and not self.preview_path.exists():
            yield from self.preview()
        try:
            while self.step < self.recipe.steps:
                yield from self.advance()
            if self.saved < self.step or not self.run.checkpoint_path(self.step).exists():
                yield self.save()
        except GeneratorExit:  # comes at an event alone: an error within a step leaves what was saved before it
            if self.saved < self.step and self.sound():
                self.save()
            raise

    def advance(self) -> Iterator[Event]:
        """One step, and what falls due after it."""
        start = time.perf_counter()
        recipe, last = self.recipe, self.step + 1 == self.recipe.steps
        logged = last or (self.step + 1) % recipe.log_every == 0
        pulse = Pulse(self.weights) if logged and self.due(_PULSE, self.step + 1) else None
        metrics = self.update(self.step + 1)
        self.step += 1
        self.gather(metrics)
        row = self.means() if logged else None
        due = last or self.step % recipe.save_every == 0
        self.seconds += time.perf_counter() - start
        if not (all(math.isfinite(row[name]) for name in metrics) if row else not due or self.sound()):
            yield self.roll_back()
            return
        if row is not None:
            row |= self.optimizers.take_signs()
            if pulse is not None:
                row |= pulse.measure()
            if self.due(recipe.preview_every, self.step):
                row |= self.examination.measure(self.ema, self.step)
            row = {name: value for name, value in row.items() if math.isfinite(value)}  # JSON knows no other
            self.write(self.run.metrics_path, {"step": self.step, **row})
            self.write(
                self.run.timing_path, {"step": self.step, "seconds": round(self.seconds, 4), "time": time.time()}
            )
        yield Step(self.step, recipe.steps, row, self.seconds)
        if self.preview_due():
            yield from self.preview()
        if due:
            yield self.save()

    def update(self, step: int) -> Metrics:
        rank, world = self.fabric.global_rank, self.fabric.world_size
        mine = self.order.indices(step)[rank::world]
        x = to_float(self.data.train.images.take(mine).to(self.fabric.device, non_blocking=True))
        if x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
        labels = self.data.train.labels[mine].to(self.fabric.device, non_blocking=True)
        self.rng.manual_seed(stream(self.recipe.seed, step))
        self.optimizers.set_lr(learning_rate(self.recipe, step) * 0.5**self.rollbacks)
        batch = Batch(x, labels, self.rng, step, rank, world, len(self.data.train))
        # The wrapped module stands in for `self`, so that its losses pass through Fabric's precision and strategy.
        with self.fabric.autocast(), self.optimizers.no_sync():
            metrics = type(self.model).train_step(self.wrapped, batch, self.optimizers)
        decay = min(self.recipe.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averaged, self.weights, 1 - decay)
            for mean, buffer in zip(self.ema.buffers(), self.model.buffers(), strict=True):
                mean.copy_(buffer)
        return metrics

    def gather(self, metrics: Metrics) -> None:
        if self.fabric.world_size > 1:  # at every step: when it is stopped, the first alone saves the sums of all
            mean = self.fabric.all_reduce(torch.stack([value.detach().float() for value in metrics.values()]))
            metrics = dict(zip(metrics, mean, strict=True))
        for name, value in metrics.items():
            value = value.detach().float()
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        """Of the steps since the last row."""
        names = list(self.sums)
        sums = torch.stack([self.sums[name] for name in names]).tolist()
        means = {name: total / self.counts[name] for name, total in zip(names, sums, strict=True)}
        self.sums, self.counts = {}, {}
        return means

    def sound(self) -> bool:
        """Whether all weights are finite numbers: nothing else may be saved."""
        norms = torch._foreach_norm(self.weights)
        return bool(torch.stack(norms).isfinite().all())

    def preview_due(self) -> bool:
        return self.step % self.recipe.preview_every == 0 or self.step == self.recipe.steps

    def due(self, every: int, step: int) -> bool:
        """Whether so many steps have gone by since the row before: also at the first row and the last."""
        before = (step - 1) // self.recipe.log_every * self.recipe.log_every
        return before == 0 or step == self.recipe.steps or step // every > before // every

    @property
    def preview_path(self) -> Path:
        return self.run.path / "previews" / f"{self.step:08d}.png"

    def preview(self) -> Iterator[Preview]:
        path = self.preview_path
        split = self.data.test if len(self.data.test) else self.data.train
        images = preview(self.ema, split, self.recipe.seed)
        if not len(images):
            return  # a model that can neither sample nor redraw
        if self.fabric.is_global_zero:
            write_sheet(path, images)
        yield Preview(self.step, path, images.numpy())

    def save(self) -> Saved:
        """The averaged weights to look at, then all that is needed to go on."""
        path = self.run.checkpoint_path(self.step)
        if self.fabric.is_global_zero:
            save_checkpoint(path, self.ema, self.info.model, self.info.data, self.data.spec, self.step)
            for old in self.run.checkpoints()[: -self.recipe.keep]:
                old.unlink(missing_ok=True)
        self.save_state()
        return Saved(self.step, path)

    def save_examples(self) -> None:
        if self.fabric.is_global_zero:
            split = self.data.test if len(self.data.test) else self.data.train
            images = split.images.take(torch.arange(min(_EXAMPLES, len(split))))
            labels = split.labels[: len(images)].clone()
            write_tensors(self.run.examples_path, {"images": images, "labels": labels}, {})

    def save_state(self) -> None:
        if self.fabric.is_global_zero:
            tensors = {f"model.{key}": value for key, value in self.model.state_dict().items()}
            tensors |= {f"ema.{key}": value for key, value in self.ema.state_dict().items()}
            tensors |= {f"sum.{key}": value for key, value in self.sums.items()}
            tensors |= {f"norm.{group}": torch.stack(norms) for group, norms in self.optimizers.norms.items()}
            for group, optimizer in self.optimizers.plain.items():
                for index, state in optimizer.state_dict()["state"].items():
                    tensors |= {f"optimizer.{group}.{index}.{key}": value for key, value in state.items()}
            header = {
                "step": self.step,
                "rollbacks": self.rollbacks,
                "counts": list(self.counts.items()),  # in the order of the sums, which no file keeps by itself
                "seconds": self.seconds,
            }
            write_tensors(self.run.resume_path, tensors, header)
        self.saved = self.step

    def begin(self) -> None:
        """With the weights of another run's checkpoint, where there is one; else with those that were drawn."""
        if not self.run.start_path.exists():
            return
        tensors, _ = read_tensors(self.run.start_path)
        try:
            for model in (self.model, self.ema):
                model.load_state_dict(tensors)
        except RuntimeError as error:
            raise UserError(f"{self.run.start_path} does not fit the run's recipes; start a new run.") from error

    def restore(self) -> None:
        """Be again what was saved."""
        tensors, header = read_tensors(self.run.resume_path)
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "ema": {}, "sum": {}, "norm": {}, "optimizer": {}}
        try:
            for key, value in tensors.items():
                part, name = key.split(".", 1)
                parts[part][name] = value.to(self.fabric.device)
            self.model.load_state_dict(parts["model"])
            self.ema.load_state_dict(parts["ema"])
            for group, optimizer in self.optimizers.plain.items():
                _restore_optimizer(optimizer, group, parts["optimizer"])
            self.step, self.rollbacks = int(header["step"]), int(header["rollbacks"])
            self.counts, self.seconds = dict(header["counts"]), float(header["seconds"])
            self.sums = {name: parts["sum"][name] for name in self.counts}
            self.optimizers.norms = {group: list(norms) for group, norms in parts["norm"].items()}
        except (RuntimeError, KeyError, IndexError, ValueError, TypeError, ArithmeticError) as error:
            raise UserError(f"{self.run.resume_path} does not fit the run's recipes; start a new run.") from error
        self.saved = self.step

    def roll_back(self) -> Note:
        """Go back to the last good state at half the learning rate; give up the third time."""
        broken = self.step
        if self.rollbacks == _ROLLBACKS:
            text = (
                f"The loss became infinite at step {broken} for the {_ROLLBACKS + 1}rd time, also at a quarter of the "
                f"learning rate; the run is kept as of its last save. Start again with a lower learning rate."
            )
            self.write(self.run.log_path, {"step": broken, "text": text, "diverged": True})
            raise Failure(text)
        rollbacks = self.rollbacks + 1
        self.restore()
        self.rollbacks = rollbacks
        self.rewind()
        self.save_state()
        text = f"The loss became infinite at step {broken}; went back to step {self.step} at half the learning rate."
        self.write(self.run.log_path, {"step": broken, "text": text, "diverged": True})
        return Note(broken, text)

    def rewind(self) -> None:
        if self.fabric.is_global_zero:
            self.run.rewind(self.step)

    def write(self, path: Path, row: dict[str, Any]) -> None:
        if self.fabric.is_global_zero:
            self.run.append(path, row)


def _no_memory(text: str) -> bool:
    """Whether this is how torch says it on the CPU: each system has words of its own."""
    return "can't allocate memory" in text or "not enough memory" in text


def _losses(model: Model) -> list[str]:
    return [name for name in dir(type(model)) if name == "loss" or name.endswith("_loss")]


def _restore_optimizer(optimizer: torch.optim.Optimizer, group: str, tensors: dict[str, Tensor]) -> None:
    parameters = [parameter for part in optimizer.param_groups for parameter in part["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        owner, index, name = key.split(".")
        if owner == group:
            if name != "step":  # laid out as its parameter: the fused update walks both side by side in memory
                value = torch.empty_like(parameters[int(index)], dtype=value.dtype, requires_grad=False).copy_(value)
            state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
