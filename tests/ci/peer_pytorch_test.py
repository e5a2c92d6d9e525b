#!/usr/bin/env python3
"""Tests of the Python peer's training with PyTorch itself: its forms compute the same. Skipped (77) where it is missing."""
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci"))
sys.dont_write_bytecode = True
if sys.version_info[:2] == (3, 11):
    packages = subprocess.run([ROOT / "ci" / "setup", "--expected-torch-dir"], capture_output=True, text=True).stdout.strip()
    sys.path += [packages] if packages else []
try:
    import numpy as np
    import peer_data
    import peer_profile
    import peer_pytorch
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

CASE = {"device": "cpu", "precision": "fp32", "threads": 1, "workers": 0, "seed": 1, "batch": 4, "warmup_steps": 3,
        "steps": 3, "epochs": 0, "data": {"path": str(ROOT / "fixtures" / "cifar10-mini")},
        "recipe": {"learning_rate": 0.03, "schedule": "one_cycle", "momentum": 0.9, "weight_decay": 5e-4, "augment": True}}


class Forms(unittest.TestCase):
    def setUp(self):
        # Once a process is all that PyTorch allows.
        patched = mock.patch.object(torch, "set_num_interop_threads")
        patched.start()
        self.addCleanup(patched.stop)

    def trained(self, form):
        """The parameters after three steps in float64 on the same images."""
        training = peer_pytorch.Training(CASE, form, "no")
        training.model.double()
        layout = torch.channels_last if form == "strong" else torch.contiguous_format
        random = torch.Generator().manual_seed(2)
        draws = [torch.randn(4, 3, 32, 32, dtype=torch.float64, generator=random) for _ in range(3)]
        training.source = iter([(draw.contiguous(memory_format=layout), torch.arange(4)) for draw in draws])
        for _ in draws:
            training.step()
        peer_pytorch.require_equal_layouts(training.model.parameters())
        return [parameter.detach() for parameter in training.model.parameters()]

    def test_the_strong_form_s_step_is_the_study_s(self):
        for study, strong in zip(self.trained("study"), self.trained("strong"), strict=True):
            torch.testing.assert_close(strong, study, rtol=1e-9, atol=1e-11)

    def test_gradients_that_lie_otherwise_than_their_weights_are_refused(self):
        weight = torch.zeros(2, 3, 3, 3).contiguous(memory_format=torch.channels_last).requires_grad_()
        weight.grad = torch.zeros(2, 3, 3, 3).contiguous(memory_format=torch.channels_last)
        peer_pytorch.require_equal_layouts([weight])
        weight.grad = torch.zeros(2, 3, 3, 3)
        with self.assertRaises(SystemExit):
            peer_pytorch.require_equal_layouts([weight])

    def test_the_window_is_measured_in_every_form(self):
        for form, precision in (("study", "fp32"), ("strong", "fp32"), ("strong", "amp_bf16")):
            result = peer_pytorch.measure({**CASE, "benchmark": "Exp", "precision": precision}, form, "no")
            self.assertEqual((result["status"], len(result["step_seconds"])), ("ok", 3))
            self.assertAlmostEqual(result["metrics"]["images_per_second"], 12 / result["window_seconds"])
            self.assertEqual(result["measurement"]["form"], form)


class Profiles(unittest.TestCase):
    def setUp(self):
        patched = mock.patch.object(torch, "set_num_interop_threads")
        patched.start()
        self.addCleanup(patched.stop)

    def test_an_optimizer_with_c_plus_plus_s_calls_trains_as_python_s_does(self):
        trained = []
        for replace in (False, True):
            training = peer_pytorch.Training(CASE, "study", "no")
            if replace:
                training.optimizer = peer_profile.SgdAsInCpp(training.optimizer)
            for _ in range(3):
                training.step()
            trained.append(list(training.model.parameters()))
        for ours, theirs in zip(*trained):
            self.assertTrue(torch.equal(ours, theirs))

    def test_self_times_are_per_step(self):
        operators = peer_profile.profiled(CASE, 1, 2)
        self.assertEqual(operators["aten::convolution_backward"]["calls"], 20)
        self.assertEqual(operators["aten::mul"]["calls"], 62)
        self.assertGreater(operators["aten::convolution_backward"]["self_ms"], 0)


class Data(unittest.TestCase):
    def test_batches_made_where_the_training_is_are_the_host_s(self):
        images = np.random.default_rng(0).integers(0, 256, (20, 3, 32, 32)).astype(np.uint8)
        chosen, dy, dx = np.array([3, 1, 19, 0, 7, 3]), np.array([0, 8, 4, 3, 1, 7]), np.array([8, 0, 4, 2, 6, 5])
        flip = np.array([True, False, True, False, True, True])
        host = peer_data.normalised(peer_data.cropped(images[chosen], dy, dx, flip))
        padded = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4))).transpose(0, 2, 3, 1).copy()
        scale, shift = 1 / (255 * peer_data.DEVIATIONS), peer_data.MEANS / peer_data.DEVIATIONS
        device = peer_data.picked(*map(torch.from_numpy, (padded, chosen, dy, dx, flip, scale.ravel(), shift.ravel())),
                                  torch.float32)
        self.assertTrue(device.is_contiguous(memory_format=torch.channels_last))
        np.testing.assert_allclose(device.numpy(), host, atol=1e-6)

    def test_an_epoch_holds_every_image_once_and_no_short_batch(self):
        images, labels = np.zeros((10, 3, 32, 32), np.uint8), np.arange(10)
        for make in (lambda: peer_data.resident_batches(CASE, images, labels, torch.device("cpu"), torch.float32, False),
                     lambda: peer_data.host_batches(CASE, images, labels)):
            source = make()
            first = torch.cat([next(source)[1] for _ in range(2)])
            self.assertEqual(len(set(first.tolist())), 8)
            self.assertNotEqual(first.tolist(), torch.cat([next(source)[1] for _ in range(2)]).tolist())


if __name__ == "__main__":
    unittest.main()
