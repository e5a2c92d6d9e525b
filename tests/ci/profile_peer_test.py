#!/usr/bin/env python3
"""Tests of ci/profile_peer: its self times and its bar, and whole comparisons whose runs are made up."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "ci" / "profile_peer"
LOADER = importlib.machinery.SourceFileLoader("profile_peer", str(SCRIPT))
profile_peer = importlib.util.module_from_spec(importlib.util.spec_from_loader("profile_peer", LOADER))
LOADER.exec_module(profile_peer)

TIMES = {f"aten::op{i}": float(100 - 5 * i) for i in range(12)}
CASE = {"benchmark": "Exp1_CPU_1T/batch:128", "device": "cpu", "precision": "fp32", "scaling": "none", "model": "resnet18",
        "stem": "imagenet", "steps": 5, "warmup_steps": 3, "epochs": 0, "batch": 128, "seed": 1}
# Two steps of 10 ms; conv2d calls convolution, another thread adds, and what ran before the first step is not of it.
PROFILE = {"names": ["aten::conv2d", "aten::convolution", "aten::add"], "main_thread": 0,
           "steps": [[0, 10_000_000], [10_000_000, 20_000_000]],
           "operators": [[0, -1, 0, -5_000_000, -1_000_000], [0, -1, 0, 1_000_000, 5_000_000],
                         [1, 1, 0, 2_000_000, 4_000_000], [0, -1, 0, 11_000_000, 15_000_000],
                         [1, 3, 0, 12_000_000, 15_000_000], [2, -1, 1, 1_000_000, 9_000_000]]}


class Bar(unittest.TestCase):
    def test_self_time_is_without_the_callees_per_step_and_of_the_main_thread(self):
        self.assertEqual(profile_peer.self_times(PROFILE), {"aten::conv2d": 1.5, "aten::convolution": 2.5})

    def test_medians_take_an_operator_that_a_run_lacks_as_nothing(self):
        self.assertEqual(profile_peer.medians([{"a": 1}, {"a": 3}, {"b": 2}]), {"a": 1, "b": 0.0})

    def test_equal_times_hold(self):
        self.assertEqual(profile_peer.faults_of(TIMES, dict(TIMES)), [])

    def test_times_within_a_tenth_hold_and_beyond_it_do_not(self):
        self.assertEqual(profile_peer.faults_of({**TIMES, "aten::op0": 109.0}, TIMES), [])
        faults = profile_peer.faults_of({**TIMES, "aten::op0": 111.0}, TIMES)
        self.assertEqual(faults, ["aten::op0 takes 111.000 ms in C++ and 100.000 ms in Python"])

    def test_tied_operators_may_change_places_and_others_may_not(self):
        swapped = {**TIMES, "aten::op0": TIMES["aten::op1"], "aten::op1": TIMES["aten::op0"]}
        self.assertEqual(profile_peer.faults_of(swapped, TIMES), [])
        far = {**TIMES, "aten::op0": TIMES["aten::op5"], "aten::op5": TIMES["aten::op0"]}
        self.assertIn("aten::op5 stands before aten::op0 in C++ and behind it in Python", profile_peer.faults_of(far, TIMES))

    def test_an_operator_of_one_side_s_ten_alone_is_named_unless_it_ties_with_the_tenth(self):
        self.assertIn("aten::other is among the ten of C++ alone", profile_peer.faults_of({**TIMES, "aten::other": 300.0}, TIMES))
        self.assertIn("aten::other is among the ten of Python alone",
                      profile_peer.faults_of(TIMES, {**TIMES, "aten::other": 300.0}))
        self.assertEqual(profile_peer.faults_of({**TIMES, "aten::op10": 55.5}, {**TIMES, "aten::op10": 54.0}), [])


class Machine:
    """Stands for every program that is run: bench, Python's versions, Python's profile."""

    def __init__(self, python=None):
        self.python_times = python or TIMES
        self.case, self.python_code, self.calls = dict(CASE), 0, []

    def __call__(self, arguments, environment=None):
        answer = ""
        if "--versions" in arguments:
            answer = json.dumps({"python": "3.11.2", "torch": "2.11.0+cu130", "torchvision": "1", "numpy": "2"})
        elif "--version" in arguments:
            answer = "bench 0.1.0 (abc), LibTorch 2.11.0\n"
        elif "--describe" in arguments:
            answer = json.dumps({"cases": [self.case], "worker_environment": {"GLIBC_TUNABLES": "x"}})
        elif any(argument.endswith("peer_profile.py") for argument in arguments):
            self.calls.append(("python", arguments, environment))
            answer = json.dumps({name: {"self_ms": ms, "calls": 1} for name, ms in self.python_times.items()})
            return subprocess.CompletedProcess([], self.python_code, answer, "Traceback\nRuntimeError: no beads\n")
        else:
            self.calls.append(("cpp", arguments, environment))
            folder = pathlib.Path(next(a for a in arguments if a.startswith("--out=")).removeprefix("--out="))
            (folder / "profiles" / "Exp1").mkdir(parents=True)
            names = list(TIMES)
            operators, begin = [], 0
            for number, name in enumerate(names):
                operators.append([number, -1, 0, begin, begin + int(TIMES[name] * 1e6)])
                begin = operators[-1][-1]
            profile = {"names": names, "main_thread": 0, "steps": [[0, begin]], "operators": operators}
            (folder / "profiles" / "Exp1" / "0.json").write_text(json.dumps(profile))
        return subprocess.CompletedProcess([], 0, answer, "")


class Comparison(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        (self.root / "bench").write_text("")

    def compare(self, machine, *arguments):
        printed, told = io.StringIO(), io.StringIO()
        with (mock.patch.object(profile_peer.peers, "run", machine), contextlib.redirect_stdout(printed),
              contextlib.redirect_stderr(told)):
            code = profile_peer.main([f"--bench={self.root / 'bench'}", "--python=mine", f"--python_path={self.root}",
                                      f"--out={self.root / 'out'}", *arguments])
        return code, printed.getvalue(), told.getvalue()

    def test_seven_runs_in_turns_make_a_table_and_hold(self):
        machine = Machine()
        code, printed, told = self.compare(machine)
        self.assertEqual(code, 0, told)
        self.assertEqual([side for side, *_ in machine.calls], (["cpp", "python", "python", "cpp"] * 4)[:14])
        self.assertIn("| aten::op0 | 100.000 (100.000 to 100.000) | 100.000 (100.000 to 100.000) | 1.000 |", printed)
        self.assertNotIn("aten::op10 |", printed)
        self.assertIn("Holds: the same ten operators", printed)
        self.assertEqual((self.root / "out" / "profile_peer.md").read_text(), printed)
        self.assertEqual(len((self.root / "out" / "runs.ndjson").read_text().splitlines()), 1 + 7)

    def test_both_sides_train_the_same_case_with_the_same_variables(self):
        machine = Machine()
        self.compare(machine, "--runs=1", "--steps=4")
        cpp, python = machine.calls
        for flag in ("--benchmark_filter=^Exp1_CPU_1T/batch:128$", "--steps=4", "--warmup_steps=10", "--seed=1",
                     "--profile=cpu"):
            self.assertIn(flag, cpp[1])
        self.assertIn("--steps=4", python[1])
        self.assertIn("--warmup=3", python[1])
        for _, _, environment in (cpp, python):
            self.assertIn("mmap_threshold=33554432", environment["GLIBC_TUNABLES"])

    def test_fewer_warm_up_steps_than_bench_does_are_refused(self):
        code, _, told = self.compare(Machine(), "--warmup_steps=2")
        self.assertEqual(code, 64)
        self.assertIn("--warmup_steps=2: bench does 3", told)

    def test_unlike_times_are_10_and_named(self):
        code, printed, _ = self.compare(Machine({**TIMES, "aten::op0": 200.0}), "--runs=1")
        self.assertEqual(code, 10)
        self.assertIn("- aten::op0 takes 100.000 ms in C++ and 200.000 ms in Python.", printed)

    def test_a_failed_side_is_30_with_its_last_words(self):
        machine = Machine()
        machine.python_code = 1
        code, _, told = self.compare(machine)
        self.assertEqual(code, 30)
        self.assertIn("RuntimeError: no beads", told)

    def test_a_gpu_s_case_wrong_lengths_and_used_folders_are_64(self):
        machine = Machine()
        machine.case.update(device="cuda", scaling="none")
        self.assertEqual(self.compare(machine)[0], 64)
        self.assertEqual(self.compare(Machine(), "--steps=11")[0], 64)
        self.assertEqual(self.compare(Machine(), "--runs=0")[0], 64)
        (self.root / "out").mkdir(exist_ok=True)
        (self.root / "out" / "mine").write_text("")
        self.assertEqual(self.compare(Machine())[0], 64)


class Script(unittest.TestCase):
    def test_help_names_every_flag_and_a_missing_bench_is_69(self):
        done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0)
        for flag in ("--benchmark", "--runs", "--steps", "--out", "--bench", "--python", "--python_path"):
            self.assertIn(flag, done.stdout)
        missing = subprocess.run([sys.executable, SCRIPT, "--bench=/nonexistent/bench"], capture_output=True, text=True,
                                 timeout=60)
        self.assertEqual(missing.returncode, 69, missing.stderr)


if __name__ == "__main__":
    unittest.main()
