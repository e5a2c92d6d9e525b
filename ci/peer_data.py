"""CIFAR-10 for the Python peer: batches made by NumPy on the host, and batches made by torch where the training is."""
import pathlib
import queue
import sys
import threading

import numpy as np
import torch

from peer_case import batch_of

SIDE, PIXELS, PADDING = 32, 3 * 32 * 32, 4
MEANS = np.array([0.4914, 0.4822, 0.4465], np.float32).reshape(1, 3, 1, 1)
DEVIATIONS = np.array([0.2470, 0.2435, 0.2616], np.float32).reshape(1, 3, 1, 1)
QUEUE_DEPTH = 4  # as bench's loader


def read_training_set(folder):
    """CIFAR-10's binary format: records of a label and 3072 bytes, three planes of 32 x 32."""
    files = sorted(pathlib.Path(folder).glob("data_batch_*.bin"))
    if not files:
        sys.exit(f"'{folder}' holds no data_batch_*.bin of CIFAR-10's binary format.")
    records = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 1 + PIXELS) for file in files])
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE).copy(), records[:, 0].astype(np.int64)


# On the host


def cropped(images, dy, dx, flip):
    """Crops of the images padded with black, [n, 3, 32, 32]; those with `flip` are mirrored."""
    padded = np.pad(images, ((0, 0), (0, 0), (PADDING, PADDING), (PADDING, PADDING)))
    crops = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(2, 3))
    out = crops[np.arange(len(images)), :, dy, dx]
    out[flip] = out[flip, :, :, ::-1]
    return out


def augmented(images, random):
    """A random crop, and a flip of every second image."""
    dy, dx = random.integers(0, 2 * PADDING + 1, (2, len(images)))
    return cropped(images, dy, dx, random.random(len(images)) < 0.5)


def normalised(images):
    return (images.astype(np.float32) / np.float32(255) - MEANS) / DEVIATIONS


def host_batches(case, images, labels):
    """Batches for ever: each epoch shuffled anew, its last short batch left out."""
    random = np.random.default_rng(case["seed"])
    size = batch_of(case)
    while True:
        order = random.permutation(len(images))
        for begin in range(0, len(images) - size + 1, size):
            chosen = order[begin:begin + size]
            pixels = augmented(images[chosen], random) if case["recipe"]["augment"] else images[chosen]
            yield torch.from_numpy(normalised(pixels)), torch.from_numpy(labels[chosen])


def pinned(source):
    """The same batches in page-locked memory, from which a GPU copies while the host goes on."""
    for images, labels in source:
        yield images.pin_memory(), labels.pin_memory()


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


# Where the training is


def picked(padded, chosen, dy, dx, flip, scale, shift, dtype):
    """Crops of the images `chosen` of `padded` (uint8 [n, 40, 40, 3]), normalised: [batch, 3, 32, 32] in channels_last."""
    span = torch.arange(SIDE, device=padded.device)
    rows = dy[:, None] + span
    columns = dx[:, None] + torch.where(flip[:, None], SIDE - 1 - span, span)
    pixels = padded[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]
    return (pixels.float() * scale - shift).to(dtype).permute(0, 3, 1, 2)


def resident_batches(case, images, labels, device, dtype, compiled):
    """As host_batches, from a uint8 set that stays on `device`; the random numbers are drawn there once an epoch."""
    padding = ((0, 0), (0, 0), (PADDING, PADDING), (PADDING, PADDING))
    padded = torch.from_numpy(np.pad(images, padding)).permute(0, 2, 3, 1).contiguous().to(device)
    labels = torch.from_numpy(labels).to(device)
    scale = torch.from_numpy(1 / (255 * DEVIATIONS)).flatten().to(device)
    shift = torch.from_numpy(MEANS / DEVIATIONS).flatten().to(device)
    make = torch.compile(picked, dynamic=False) if compiled else picked
    random = torch.Generator(device).manual_seed(case["seed"])
    size, count = batch_of(case), len(labels)
    while True:
        order = torch.randperm(count, generator=random, device=device)
        if case["recipe"]["augment"]:
            dy, dx = torch.randint(0, 2 * PADDING + 1, (2, count), generator=random, device=device)
            flip = torch.rand(count, generator=random, device=device) < 0.5
        else:
            dy = dx = torch.full((count,), PADDING, device=device)
            flip = torch.zeros(count, dtype=torch.bool, device=device)
        for begin in range(0, count - size + 1, size):
            part = slice(begin, begin + size)
            yield make(padded, order[part], dy[part], dx[part], flip[part], scale, shift, dtype), labels[order[part]]
