#!/usr/bin/env python3
"""Trains ResNet-18 on CIFAR-10 as a PyTorch tutorial would, and prints what it measured as a case of the journal.

Usage: PYTHONPATH=DIR python3.11 ci/peer_pytorch.py --case=JSON [--form=study]
       PYTHONPATH=DIR python3.11 ci/peer_pytorch.py --versions

JSON is one of the cases that `bench --describe` prints. The form `study` is eager, fp32, NCHW. The window, the metrics
and the rule for memory are those of bench: src/measure/metrics.cpp defines them, fixtures/run_case.cpp applies them.
"""
import argparse
import json
import pathlib
import platform
import queue
import statistics
import sys
import threading
import time

import numpy as np
import torch
import torchvision

SIDE, PIXELS, PADDING, CLASSES = 32, 3 * 32 * 32, 4, 10
MEANS = np.array([0.4914, 0.4822, 0.4465], np.float32).reshape(1, 3, 1, 1)
DEVIATIONS = np.array([0.2470, 0.2435, 0.2616], np.float32).reshape(1, 3, 1, 1)
QUEUE_DEPTH = 4  # as bench's loader
UNDERSTOOD = {"device": "cpu", "precision": "fp32", "model": "resnet18", "stem": "imagenet", "epochs": 0}


def versions():
    return {"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__,
            "numpy": np.__version__}


# Data


def read_training_set(folder):
    """CIFAR-10's binary format: records of a label and 3072 bytes, three planes of 32 x 32."""
    files = sorted(pathlib.Path(folder).glob("data_batch_*.bin"))
    if not files:
        sys.exit(f"'{folder}' holds no data_batch_*.bin of CIFAR-10's binary format.")
    records = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 1 + PIXELS) for file in files])
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE).copy(), records[:, 0].astype(np.int64)


def augmented(images, random):
    """A random crop of the image padded with black, and a flip of every second one."""
    count = len(images)
    padded = np.pad(images, ((0, 0), (0, 0), (PADDING, PADDING), (PADDING, PADDING)))
    crops = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(2, 3))
    dy, dx = random.integers(0, 2 * PADDING + 1, (2, count))
    out = crops[np.arange(count), :, dy, dx]
    flip = random.random(count) < 0.5
    out[flip] = out[flip, :, :, ::-1]
    return out


def batches(case, images, labels):
    """Batches for ever: each epoch shuffled anew, its last short batch left out."""
    random = np.random.default_rng(case["seed"])
    size = case["axes"]["batch"]
    while True:
        order = random.permutation(len(images))
        for begin in range(0, len(images) - size + 1, size):
            chosen = order[begin:begin + size]
            pixels = augmented(images[chosen], random) if case["recipe"]["augment"] else images[chosen]
            normalised = (pixels.astype(np.float32) / np.float32(255) - MEANS) / DEVIATIONS
            yield torch.from_numpy(normalised), torch.from_numpy(labels[chosen])


def prefetched(source):
    """The same batches, made ahead by a thread."""
    ready = queue.Queue(QUEUE_DEPTH)

    def produce():
        try:
            for batch in source:
                ready.put(batch)
        except BaseException as error:
            ready.put(error)

    threading.Thread(target=produce, daemon=True).start()
    while True:
        batch = ready.get()
        if isinstance(batch, BaseException):
            raise batch
        yield batch


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


class Training:
    """Model, optimizer and data of one case, and one step of it."""

    def __init__(self, case):
        torch.manual_seed(case["seed"])
        torch.set_num_threads(case["threads"])
        torch.set_num_interop_threads(1)
        images, labels = read_training_set(case["data"]["path"])
        if case["axes"]["batch"] > len(images):
            sys.exit(f"The batch size {case['axes']['batch']} is more than the training set's {len(images)} images.")
        source = batches(case, images, labels)
        self.source = prefetched(source) if case["workers"] > 0 else source
        self.model = torchvision.models.resnet18(num_classes=CLASSES).train()
        recipe = case["recipe"]
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=recipe["learning_rate"],
                                         momentum=recipe["momentum"], weight_decay=recipe["weight_decay"])
        self.schedule = None
        if recipe["schedule"] == "one_cycle":
            self.schedule = torch.optim.lr_scheduler.OneCycleLR(
                self.optimizer, max_lr=recipe["learning_rate"], total_steps=case["warmup_steps"] + case["steps"],
                cycle_momentum=False)
        self.data_wait_seconds = 0.0
        self.loss = None

    def step(self):
        begin = time.perf_counter()
        images, labels = next(self.source)
        self.data_wait_seconds += time.perf_counter() - begin
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(self.model(images), labels)
        loss.backward()
        self.optimizer.step()
        if self.schedule:
            self.schedule.step()
        self.loss = loss.detach()


def measure_steps(training, steps):
    """Wall time of every step; they add up to the window's."""
    step_seconds = []
    previous = time.perf_counter()
    for _ in range(steps):
        training.step()
        now = time.perf_counter()
        step_seconds.append(now - previous)
        previous = now
    return step_seconds


def measure(case):
    training = Training(case)
    peak_before = status_mib("VmHWM")
    peak_is_of_steps = reset_peak_resident()
    resident_before = status_mib("VmRSS")
    measure_steps(training, case["warmup_steps"])
    training.data_wait_seconds = 0.0
    cpu_before = time.process_time()
    step_seconds = measure_steps(training, case["steps"])
    cpu_seconds = time.process_time() - cpu_before
    peak = status_mib("VmHWM")
    window_seconds = sum(step_seconds)
    metrics = {"images_per_second": case["axes"]["batch"] * case["steps"] / window_seconds,
               "step_time_ms": 1e3 * statistics.median(step_seconds),
               "cpu_time_s": cpu_seconds,
               "cores_used": cpu_seconds / window_seconds,
               "peak_rss_mib": max(peak, peak_before),
               "steps": case["steps"],
               "warmup_steps": case["warmup_steps"],
               "final_loss": training.loss.item(),
               "data_wait_percent": 100 * training.data_wait_seconds / window_seconds}
    if peak_is_of_steps:
        metrics["step_rss_mib"] = peak - resident_before
    facts = {**versions(), "form": "study", "torch_threads": str(torch.get_num_threads()),
             "torch_interop_threads": str(torch.get_num_interop_threads()),
             "torch_cpu_capability": torch.backends.cpu.get_cpu_capability()}
    return {"benchmark": case["benchmark"], "repetition": 0, "seed": case["seed"], "status": "ok", "reason": "",
            "window_seconds": window_seconds, "step_seconds": step_seconds, "metrics": metrics, "measurement": facts,
            "epochs": [], "warnings": []}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--case", type=json.loads)
    parser.add_argument("--form", choices=["study"], default="study")
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        print(json.dumps(versions()))
        return
    if options.case is None:
        parser.error("--case=JSON is missing: one of the cases that bench --describe prints")
    for name, value in UNDERSTOOD.items():
        if options.case[name] != value:
            sys.exit(f"This peer trains cases with {name} '{value}', not '{options.case[name]}'.")
    print(json.dumps(measure(options.case)))


if __name__ == "__main__":
    main()
