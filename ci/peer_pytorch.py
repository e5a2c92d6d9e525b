#!/usr/bin/env python3
"""Trains ResNet-18 on CIFAR-10 in Python's PyTorch, and prints what it measured as a case of the journal.

Usage: PYTHONPATH=DIR python3 ci/peer_pytorch.py --case=JSON [--form=study|strong] [--compile=no|default|max-autotune]
       PYTHONPATH=DIR python3 ci/peer_pytorch.py --versions

JSON is one of the cases that `bench --describe` prints; ci/peer_case.py says which a form can train.

  study   as a tutorial would: eager, NCHW, torch.optim.SGD, batches made on the host; on a GPU through page-locked
          memory, in autocast with a GradScaler where the case says so
  strong  channels_last, fused SGD, the set kept where the training is and augmented there; with --compile also
          torch.compile, whose time is told apart and lies in the warm-up

The window, the metrics and the rule for memory are those of bench: src/measure/metrics.cpp defines them,
fixtures/run_case.cpp applies them. On a GPU nothing waits for it inside the window.
"""
import argparse
import json
import pathlib
import platform
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402

import peer_data  # noqa: E402
from peer_case import COMPILE_STEPS, FORMS, batch_of, is_scaled, refusal  # noqa: E402

CLASSES = 10
AUTOCAST = {"amp_fp16": torch.float16, "amp_bf16": torch.bfloat16}
MIB = 1 << 20


def versions():
    return {"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__,
            "numpy": np.__version__}


# Memory, by the kernel's own counters


def status_mib(key):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key + ":"))


def reset_peak_resident():
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as clear_refs:
            clear_refs.write("5")  # proc(5): 5 resets the peak resident set size
        return True
    except OSError:
        return False


# Training


def set_arithmetic(precision):
    """IEEE float32 unless the case says TF32: PyTorch's default mixes the two."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"


def require_equal_layouts(parameters):
    """The fused optimizer walks through memory: a gradient that lies otherwise would be silently wrong."""
    for parameter in parameters:
        strides = [[step for step, size in zip(tensor.stride(), tensor.shape) if size > 1]
                   for tensor in (parameter, parameter.grad)]
        if strides[0] != strides[1]:
            sys.exit(f"A gradient of shape {list(parameter.shape)} has other strides than its weight: {strides}.")


class Training:
    """Model, optimizer and data of one case, and one step of it."""

    def __init__(self, case, form, compiled):
        self.device = torch.device(case["device"])
        self.on_gpu, self.strong = self.device.type == "cuda", form == "strong"
        torch.manual_seed(case["seed"])
        torch.set_num_threads(case["threads"])
        torch.set_num_interop_threads(1)
        set_arithmetic(case["precision"])
        torch.backends.cudnn.benchmark = self.strong
        self.autocast = AUTOCAST.get(case["precision"])
        self.marks_graphs = self.on_gpu and compiled == "max-autotune"
        self.source = self.make_source(case, compiled)
        layout = torch.channels_last if self.strong else torch.contiguous_format
        self.model = torchvision.models.resnet18(num_classes=CLASSES).train().to(self.device, memory_format=layout)
        self.loss_of = self.eager_loss
        if compiled != "no":
            self.loss_of = torch.compile(self.eager_loss, mode=compiled, dynamic=False)
        recipe = case["recipe"]
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=recipe["learning_rate"],
                                         momentum=recipe["momentum"], weight_decay=recipe["weight_decay"],
                                         fused=True if self.strong else None)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=is_scaled(case))
        self.schedule = None
        if recipe["schedule"] == "one_cycle":
            self.schedule = torch.optim.lr_scheduler.OneCycleLR(
                self.optimizer, max_lr=recipe["learning_rate"], total_steps=case["warmup_steps"] + case["steps"],
                cycle_momentum=False)
        self.data_wait_seconds = 0.0
        self.loss = None

    def make_source(self, case, compiled):
        images, labels = peer_data.read_training_set(case["data"]["path"])
        if batch_of(case) > len(images):
            sys.exit(f"The batch size {batch_of(case)} is more than the training set's {len(images)} images.")
        if self.strong:
            return peer_data.resident_batches(case, images, labels, self.device, self.autocast or torch.float32,
                                              compiled != "no")
        source = peer_data.host_batches(case, images, labels)
        if self.on_gpu:
            return peer_data.prefetched(peer_data.pinned(source))
        return peer_data.prefetched(source) if case["workers"] > 0 else source

    def eager_loss(self, images, labels):
        with torch.autocast(self.device.type, dtype=self.autocast, enabled=self.autocast is not None):
            return torch.nn.functional.cross_entropy(self.model(images), labels)

    def step(self):
        begin = time.perf_counter()
        images, labels = next(self.source)
        self.data_wait_seconds += time.perf_counter() - begin
        if not self.strong:
            images, labels = (part.to(self.device, non_blocking=True) for part in (images, labels))
        self.optimizer.zero_grad(set_to_none=True)
        if self.marks_graphs:
            torch.compiler.cudagraph_mark_step_begin()
        loss = self.loss_of(images, labels)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.schedule:
            self.schedule.step()
        self.loss = loss.detach()

    def synchronize(self):
        if self.on_gpu:
            torch.cuda.synchronize()


def measure_on_host(training, steps):
    """The window's seconds, and the wall time of every step; they add up to it."""
    step_seconds = []
    previous = time.perf_counter()
    for _ in range(steps):
        training.step()
        now = time.perf_counter()
        step_seconds.append(now - previous)
        previous = now
    return sum(step_seconds), step_seconds


def measure_on_gpu(training, steps):
    """The window's seconds by the host's clock up to the GPU's last work, and the steps' by marks on the GPU."""
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(steps + 1)]
    torch.cuda.synchronize()
    begin = time.perf_counter()
    marks[0].record()
    for mark in marks[1:]:
        training.step()
        mark.record()
    torch.cuda.synchronize()
    seconds = time.perf_counter() - begin
    return seconds, [first.elapsed_time(second) / 1e3 for first, second in zip(marks, marks[1:])]


def warm_up(training, steps, compile_steps):
    """Returns the seconds of the steps that compile."""
    begin = time.perf_counter()
    seconds = 0.0
    for number in range(1, steps + 1):
        training.step()
        if number == compile_steps:
            training.synchronize()
            seconds = time.perf_counter() - begin
        if number == 1 and training.strong:
            require_equal_layouts(training.model.parameters())
    training.synchronize()
    return seconds


def gpu_metrics():
    return {"gpu_peak_allocated_mib": torch.cuda.max_memory_allocated() / MIB,
            "gpu_peak_reserved_mib": torch.cuda.max_memory_reserved() / MIB}


def facts_of(case, form, compiled, compile_seconds):
    facts = {**versions(), "form": form, "compile": compiled, "device": case["device"], "precision": case["precision"],
             "scaling": "GradScaler" if is_scaled(case) else "none",
             "layout": "channels_last" if form == "strong" else "contiguous",
             "optimizer": "torch.optim.SGD, fused" if form == "strong" else "torch.optim.SGD",
             "feed": "device" if form == "strong" else "host", "torch_threads": str(torch.get_num_threads()),
             "torch_interop_threads": str(torch.get_num_interop_threads()),
             "torch_cpu_capability": torch.backends.cpu.get_cpu_capability()}
    if compiled != "no":
        facts["compile_seconds"] = f"{compile_seconds:.1f}"
    if case["device"] == "cuda":
        facts |= {"gpu": torch.cuda.get_device_name(), "cudnn": str(torch.backends.cudnn.version())}
    return facts


def measure(case, form, compiled):
    training = Training(case, form, compiled)
    peak_before = status_mib("VmHWM")
    peak_is_of_steps = reset_peak_resident()
    resident_before = status_mib("VmRSS")
    compile_seconds = warm_up(training, case["warmup_steps"], COMPILE_STEPS[compiled])
    if training.on_gpu:
        torch.cuda.reset_peak_memory_stats()
    training.data_wait_seconds = 0.0
    cpu_before = time.process_time()
    window_seconds, step_seconds = (measure_on_gpu if training.on_gpu else measure_on_host)(training, case["steps"])
    cpu_seconds = time.process_time() - cpu_before
    peak = status_mib("VmHWM")
    metrics = {"images_per_second": batch_of(case) * case["steps"] / window_seconds,
               "step_time_ms": 1e3 * statistics.median(step_seconds),
               "cpu_time_s": cpu_seconds,
               "cores_used": cpu_seconds / window_seconds,
               "peak_rss_mib": max(peak, peak_before),
               "steps": case["steps"],
               "warmup_steps": case["warmup_steps"],
               "final_loss": training.loss.item(),
               "data_wait_percent": 100 * training.data_wait_seconds / window_seconds,
               **(gpu_metrics() if training.on_gpu else {})}
    if peak_is_of_steps:
        metrics["step_rss_mib"] = peak - resident_before
    return {"benchmark": case["benchmark"], "repetition": 0, "seed": case["seed"], "status": "ok", "reason": "",
            "window_seconds": window_seconds, "step_seconds": step_seconds, "metrics": metrics,
            "measurement": facts_of(case, form, compiled, compile_seconds), "epochs": [], "warnings": []}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--case", type=json.loads)
    parser.add_argument("--form", choices=FORMS, default="study")
    parser.add_argument("--compile", choices=list(COMPILE_STEPS), default="no")
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        print(json.dumps(versions()))
        return
    if options.case is None:
        parser.error("--case=JSON is missing: one of the cases that bench --describe prints")
    refused = refusal(options.case, options.form, options.compile)
    if refused:
        sys.exit(refused)
    if options.case["device"] == "cuda" and not torch.cuda.is_available():
        sys.exit("The case trains on a GPU, and PyTorch finds none here.")
    print(json.dumps(measure(options.case, options.form, options.compile)))


if __name__ == "__main__":
    main()
