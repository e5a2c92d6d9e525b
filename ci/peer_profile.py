#!/usr/bin/env python3
"""Profiles a training step in Python's PyTorch with torch.profiler, and prints each operator's self time as JSON.

Usage: PYTHONPATH=DIR python3 ci/peer_profile.py --case=JSON --steps=N [--warmup=3]

JSON is one of the cases that `bench --describe` prints; the step is that of ci/peer_pytorch.py's form `study`, with an
optimizer that makes the calls of C++'s. After the warm-up N steps are recorded. The self times are torch.profiler's own
(key_averages), not this project's.
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import torch  # noqa: E402

from peer_case import refusal  # noqa: E402
from peer_pytorch import Training  # noqa: E402


class SgdAsInCpp:
    """torch::optim::SGD's calls. Python's SGD computes the same by another overload: mul_ by a tensor, where C++ calls mul_
    by a number, which calls mul inside. Profiled, these are two operators, and no recorder's fault."""

    def __init__(self, optimizer):
        self.group = optimizer.param_groups[0]  # the schedule writes its learning rate there
        self.buffers = {}

    def zero_grad(self, set_to_none):
        assert set_to_none
        for parameter in self.group["params"]:
            parameter.grad = None

    @torch.no_grad()
    def step(self):
        for number, parameter in enumerate(self.group["params"]):
            gradient = parameter.grad.add(parameter, alpha=self.group["weight_decay"])
            if number in self.buffers:
                torch.ops.aten.mul_.Scalar(self.buffers[number], self.group["momentum"]).add_(gradient)
            else:
                self.buffers[number] = gradient.clone()
            parameter.add_(self.buffers[number], alpha=-self.group["lr"])
            # As in C++: held on to, it would keep the next parameter's sum from its memory.
            del gradient


def profiled(case, warmup, steps):
    training = Training(case, "study", "no")
    training.optimizer = SgdAsInCpp(training.optimizer)
    for _ in range(warmup):
        training.step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        for _ in range(steps):
            training.step()
    return {event.key: {"self_ms": event.self_cpu_time_total / 1e3 / steps, "calls": event.count / steps}
            for event in profiler.key_averages()}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--case", type=json.loads, required=True)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, required=True)
    options = parser.parse_args()
    refused = refusal(options.case, "study", "no")
    if refused:
        sys.exit(refused)
    print(json.dumps(profiled(options.case, options.warmup, options.steps)))


if __name__ == "__main__":
    main()
