#!/usr/bin/env python3
"""Answers, in Python on a GPU, what the order of work on the GPU ladder hangs on. Prints a table, and keeps it as JSON.

Usage: ci/gpu_settle.py QUESTION [--out=FILE] [--device=cuda|cpu]

  ladder      ResNet-18 at batch 128, rung by rung: host-fed with a host read per step, device-fed, fused SGD, TF32 with
              cuDNN's own choice of algorithms, the whole step as one CUDA graph
  floor       kernels in one replay of that graph, and how long it takes with next to no work in them
  batch_norm  forward and backward of every batch norm of the network, NCHW against NHWC, without launch cost
  fused_sgd   does the fused optimizer compute in float or in double, and its time against the foreach one

Times are medians of 5 windows, measured by CUDA events, or by the host's clock where the host takes part. --device=cpu
rehearses what needs no CUDA graph.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import torch  # noqa: E402
import torchvision  # noqa: E402

import peer_data  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH, WINDOWS, STEPS, WARMUP = 128, 5, 100, 20
REHEARSED_BATCH = 4
RECIPE = {"lr": 0.03, "momentum": 0.9, "weight_decay": 5e-4}
# Channels, side and how often: the 20 batch norms of ResNet-18 on 32 x 32 images.
NORMS = ((64, 16, 1), (64, 8, 4), (128, 4, 5), (256, 2, 5), (512, 1, 5))


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def host_windows(work, count, device):
    """Milliseconds per call by the host's clock, up to the device's last work: one value per window."""
    values = []
    for _ in range(WINDOWS):
        wait(device)
        begin = time.perf_counter()
        for _ in range(count):
            work()
        wait(device)
        values.append(1e3 * (time.perf_counter() - begin) / count)
    return values


def event_windows(work, count):
    """Milliseconds per call by CUDA events around each window."""
    values = []
    for _ in range(WINDOWS):
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        first.record()
        for _ in range(count):
            work()
        last.record()
        torch.cuda.synchronize()
        values.append(first.elapsed_time(last) / count)
    return values


def row(name, values, **more):
    return {"what": name, "median_ms": statistics.median(values), "least_ms": min(values), "most_ms": max(values), **more}


def captured(work):
    """`work` as a CUDA graph, after some runs on the stream that captures."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(11):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph


class Step:
    """One training step of ResNet-18, of which a rung switches parts on."""

    def __init__(self, device, batch, host_fed=False, fused=False):
        folder = os.environ.get("CIFAR10_DIR") or ROOT / "fixtures" / "cifar10-mini"
        images, labels = peer_data.read_training_set(folder)
        case = {"batch": min(batch, len(images)), "seed": 1, "recipe": {"augment": True}}
        torch.manual_seed(1)
        self.device, self.batch, self.host_fed = device, case["batch"], host_fed
        self.source = peer_data.host_batches(case, images, labels) if host_fed else \
            peer_data.resident_batches(case, images, labels, device, torch.float32, False)
        self.model = torchvision.models.resnet18(num_classes=10).train().to(device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), fused=True if fused else None, **RECIPE)
        self.images, self.labels = (part.to(device).contiguous() for part in next(self.source))

    def train(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(self.model(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def load(self):
        images, labels = next(self.source)
        self.images.copy_(images)
        self.labels.copy_(labels)

    def __call__(self):
        self.load()
        loss = self.train()
        if self.host_fed:
            loss.item()


def arithmetic(tf32, benchmark):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = benchmark


def rung(name, step, device, steps):
    for _ in range(WARMUP if device.type == "cuda" else 1):
        step()
    values = host_windows(step, steps, device)
    return row(name, values, images_per_second=1e3 * getattr(step, "batch", BATCH) / statistics.median(values))


def ladder(device):
    steps, batch = (STEPS, BATCH) if device.type == "cuda" else (1, REHEARSED_BATCH)
    arithmetic(tf32=False, benchmark=False)
    rows = [rung("G0 eager, host-fed, host read per step", Step(device, batch, host_fed=True), device, steps),
            rung("G1 device-fed, no host read", Step(device, batch), device, steps),
            rung("G2 fused SGD", Step(device, batch, fused=True), device, steps)]
    arithmetic(tf32=True, benchmark=True)
    step = Step(device, batch, fused=True)
    rows.append(rung("G3 TF32, cudnn.benchmark", step, device, steps))
    if device.type == "cuda":
        graph = captured(step.train)

        def replay():
            step.load()
            graph.replay()

        rows.append(rung("G4 the step as one CUDA graph, the batch gathered before it", replay, device, steps))
    return rows


def kernels_of(work):
    """Kernels, and copies and fills, that one call of `work` ran on the device, as CUPTI saw them."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        work()
        torch.cuda.synchronize()
    names = [event.name for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    copies = sum(name.startswith(("Memcpy", "Memset")) for name in names)
    return len(names) - copies, copies


def floor(device):
    arithmetic(tf32=True, benchmark=True)
    rows = []
    for batch in (2, BATCH):
        graph = captured(Step(device, batch, fused=True).train)
        values = event_windows(graph.replay, STEPS)
        kernels, copies = kernels_of(graph.replay)
        per_kernel = 1e3 * statistics.median(values) / kernels if kernels else None
        rows.append(row(f"replay at batch {batch}", values, kernels=kernels, copies_and_fills=copies,
                        microseconds_per_kernel=per_kernel))
    return rows


def norm(shape, layout, dtype, device):
    """Forward and backward of one batch norm in training, as a function without arguments."""
    images = torch.randn(shape, device=device, dtype=dtype).to(memory_format=layout).requires_grad_()
    weight, bias = (torch.ones(shape[1], device=device, requires_grad=True) for _ in range(2))
    mean, variance = (torch.zeros(shape[1], device=device) for _ in range(2))
    upstream = torch.ones_like(images)

    def work():
        out = torch.nn.functional.batch_norm(images, mean, variance, weight, bias, training=True)
        torch.autograd.grad(out, (images, weight, bias), upstream)

    return work


def batch_norm(device):
    rows = []
    for batch in (BATCH, 512):
        for channels, side, count in NORMS:
            for dtype in (torch.float32, torch.float16):
                for name, layout in (("NCHW", torch.contiguous_format), ("NHWC", torch.channels_last)):
                    one = norm((batch, channels, side, side), layout, dtype, device)
                    graph = captured(lambda of=one: [of() for _ in range(20)])
                    values = [value / 20 for value in event_windows(graph.replay, 10)]
                    rows.append(row(f"{batch} x {channels} x {side} x {side} {str(dtype).removeprefix('torch.')} {name}",
                                    values, in_the_network=count))
    return rows


def share_of_double(device):
    """The share of weights that one fused step leaves where computing in double and rounding once would."""
    torch.manual_seed(1)
    weight, gradient, momentum = (torch.randn(1 << 20, device=device) for _ in range(3))
    wide = [tensor.double() for tensor in (weight, gradient, momentum)]
    rates = [RECIPE["lr"], RECIPE["momentum"], RECIPE["weight_decay"]]
    velocity = rates[1] * wide[2] + (wide[1] + rates[2] * wide[0])
    expected = (wide[0] - rates[0] * velocity).float()
    torch._fused_sgd_([weight], [gradient], [momentum], weight_decay=rates[2], momentum=rates[1], lr=rates[0],
                      dampening=0.0, nesterov=False, maximize=False, is_first_step=False)
    return (weight == expected).double().mean().item()


def fused_sgd(device):
    share = share_of_double(device)
    verdict = "double" if share > 0.999 else "float"
    rows = [{"what": "equal to computing in double", "share": share, "computes_in": verdict}]
    steps = STEPS if device.type == "cuda" else 2
    for name, options in (("foreach SGD", {"foreach": True}), ("fused SGD", {"fused": True})):
        model = torchvision.models.resnet18(num_classes=10).to(device)
        optimizer = torch.optim.SGD(model.parameters(), **RECIPE, **options)
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter)
        optimizer.step()
        timed = event_windows(optimizer.step, steps) if device.type == "cuda" else \
            host_windows(optimizer.step, steps, device)
        rows.append(row(name, timed))
    return rows


QUESTIONS = {question.__name__: question for question in (ladder, floor, batch_norm, fused_sgd)}
NEED_GRAPHS = ("floor", "batch_norm")


def cell(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main():
    parser = argparse.ArgumentParser(prog="ci/gpu_settle.py", allow_abbrev=False)
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("There is no GPU: --device=cpu rehearses 'ladder' and 'fused_sgd'.")
    if options.device == "cpu" and options.question in NEED_GRAPHS:
        sys.exit(f"'{options.question}' captures CUDA graphs, which needs a GPU.")
    rows = QUESTIONS[options.question](torch.device(options.device))
    for found in rows:
        print(", ".join(f"{name} {cell(value)}" for name, value in found.items()), flush=True)
    if options.out:
        machine = torch.cuda.get_device_name() if options.device == "cuda" else "cpu"
        options.out.write_text(json.dumps({"question": options.question, "device": machine, "torch": torch.__version__,
                                           "cudnn": torch.backends.cudnn.version(), "batch": BATCH, "rows": rows}) + "\n")


if __name__ == "__main__":
    main()
