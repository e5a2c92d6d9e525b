#!/usr/bin/env python3
"""Write testdata/resnet18_golden.json: torchvision's ResNet-18 in float64, for resnet18_test.cpp.

Usage: tests/model/make_golden.py        (needs torch 2.11.0, torchvision 0.26.0 and numpy)

Weights, images and labels follow a rule that both languages implement. With
random_bits(key, n) and random_key(seed, stream) of src/data/counter_random.hpp, element i of tensor t is

    u(t, i) = (random_bits(random_key(18, t), i) >> 11) / 2^52 - 1          (exact, in [-1, 1))

- parameter t, in the order of named_parameters(): a convolution is u * sqrt(6 / fan_in), the linear weight
  u * sqrt(3 / fan_in), every other weight 1 + u / 8, every bias u / 8. Buffers keep their defaults.
- images are u(1000, i) * 1.75, of shape [8, 3, 32, 32]; label n is (3 n + 1) mod 10.

The weights' checksum is the sum over all elements, parameter by parameter, of (the double's 64 bits) times
(2 j + 1) modulo 2^64, j counting on through all parameters. Each gradient is stored as its norm and eight
entries [index, value], evenly spread over its elements that are not zero.
"""
import json
import pathlib

import numpy as np
import torch
import torchvision

SEED, IMAGES_STREAM, NUM_IMAGES = 18, 1000, 8
OUT = pathlib.Path(__file__).parent / "testdata" / "resnet18_golden.json"
U64 = np.uint64


def random_bits(key, counters):
    z = U64(key) + (counters + U64(1)) * U64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> U64(30))) * U64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U64(27))) * U64(0x94D049BB133111EB)
    return z ^ (z >> U64(31))


def random_key(seed, stream):
    return random_bits(random_bits(seed, np.zeros(1, U64))[0], np.full(1, stream, U64))[0]


def uniform(stream, shape):
    bits = random_bits(random_key(SEED, stream), np.arange(np.prod(shape), dtype=U64))
    return ((bits >> U64(11)).astype(np.float64) * 2.0**-52 - 1.0).reshape(shape)


def weights(index, name, shape):
    u = uniform(index, shape)
    if len(shape) == 4:
        return u * np.sqrt(6.0 / np.prod(shape[1:]))
    if len(shape) == 2:
        return u * np.sqrt(3.0 / shape[1])
    return u * 0.125 if name.endswith("bias") else 1.0 + u * 0.125


def make_model(stem):
    model = torchvision.models.resnet18(num_classes=10)
    if stem == "cifar":
        model.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        model.maxpool = torch.nn.Identity()
    return model


def checksum(model):
    bits = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()]).view(U64)
    return f"{int(np.sum(bits * (np.arange(bits.size, dtype=U64) * U64(2) + U64(1)), dtype=U64)):016x}"


def summary(gradient):
    flat = gradient.numpy().ravel()
    live = np.flatnonzero(flat)
    picked = live[np.arange(8) * live.size // 8]
    return {"norm": float(np.linalg.norm(flat)), "entries": [[int(i), float(flat[i])] for i in picked]}


def golden_of(stem):
    model = make_model(stem).double().train()
    with torch.no_grad():
        for index, (name, parameter) in enumerate(model.named_parameters()):
            parameter.copy_(torch.from_numpy(weights(index, name, tuple(parameter.shape))))
    images = torch.from_numpy(uniform(IMAGES_STREAM, (NUM_IMAGES, 3, 32, 32)) * 1.75)
    labels = (torch.arange(NUM_IMAGES) * 3 + 1) % 10
    logits = model(images)
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    golden = {
        "state_dict": [[name, list(value.shape)] for name, value in model.state_dict().items()],
        "weights_checksum": checksum(model),
        "logits": logits.tolist(),
        "loss": loss.item(),
        "gradients": {name: summary(p.grad) for name, p in model.named_parameters()},
    }
    golden["evaluation_logits"] = model.eval()(images).tolist()
    return golden


def initial_norms():
    torch.manual_seed(1)
    return {name: p.norm().item() for name, p in make_model("imagenet").named_parameters()}


def main():
    torch.set_num_threads(1)
    golden = {"made_with": f"torch {torch.__version__}, torchvision {torchvision.__version__}",
              "imagenet": golden_of("imagenet"), "cifar": golden_of("cifar"),
              "initial_norms_of_seed_1": initial_norms()}
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
