#!/usr/bin/env python3
"""Tests of ci/peers: its statistics, and whole comparisons whose runs are made up."""
import contextlib
import copy
import importlib.machinery
import importlib.util
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "ci" / "peers"
sys.path.insert(0, str(SCRIPT.parent))
LOADER = importlib.machinery.SourceFileLoader("peers", str(SCRIPT))
peers = importlib.util.module_from_spec(importlib.util.spec_from_loader("peers", LOADER))
LOADER.exec_module(peers)
import peer_case  # noqa: E402
import peer_table  # noqa: E402

# A whole run of bench.
JOURNAL = [json.loads(line)
           for line in (pathlib.Path(__file__).parent / "testdata" / "journal.ndjson").read_text().splitlines()]
TUNABLES = {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=9000000"}


def run_of(speed, memory=250.0):
    metrics = {"images_per_second": speed, "steps": 3, "warmup_steps": 1}
    if memory is not None:
        metrics["step_rss_mib"] = memory
    return {"metrics": metrics}


class Statistics(unittest.TestCase):
    def test_the_interval_s_ranks_and_confidence_are_the_exact_binomial_ones(self):
        for n, low, high, achieved in ((6, 1, 6, 0.96875), (8, 1, 8, 0.9921875), (9, 2, 8, 0.9609375),
                                       (10, 2, 9, 0.978515625), (20, 6, 15, 0.9586105346679688)):
            self.assertEqual(peer_table.order_statistic_interval(n), (low, high, achieved), n)

    def test_there_is_no_interval_of_fewer_than_six(self):
        for n in range(6):
            self.assertIsNone(peer_table.order_statistic_interval(n), n)

    def test_less_confidence_needs_fewer_values(self):
        self.assertEqual(peer_table.order_statistic_interval(5, 0.9), (1, 5, 0.9375))

    def test_the_interval_is_the_narrowest_that_is_confident_enough(self):
        for n in range(6, 60):
            low, high, achieved = peer_table.order_statistic_interval(n)
            self.assertEqual(low + high, n + 1)
            self.assertAlmostEqual(achieved, sum(math.comb(n, k) for k in range(low, high)) / 2**n)
            self.assertGreaterEqual(achieved, 0.95)
            self.assertLess(sum(math.comb(n, k) for k in range(low + 1, high - 1)) / 2**n, 0.95)

    def test_relative_mad_is_a_share_of_the_median(self):
        self.assertEqual(peer_table.relative_mad([8, 10, 14]), 0.2)
        self.assertIsNone(peer_table.relative_mad([0, 0, 1]))

    def test_the_ratio_is_the_median_of_the_pairs_not_the_ratio_of_the_medians(self):
        pairs = [{"cpp": run_of(cpp), "python": run_of(python)} for cpp, python in ((10, 10), (30, 20), (80, 20))]
        found = peer_table.summarise(pairs, "images_per_second")
        self.assertEqual((found["cpp"][0], found["python"][0], found["ratio"], found["n"]), (30, 20, 1.5, 3))
        self.assertIsNone(found["interval"])

    def test_nine_pairs_give_the_second_and_the_eighth_ratio(self):
        pairs = [{"cpp": run_of(cpp), "python": run_of(10)} for cpp in (90, 10, 80, 20, 70, 30, 60, 40, 50)]
        found = peer_table.summarise(pairs, "images_per_second")
        self.assertEqual((found["ratio"], found["interval"]), (5, (2, 8)))

    def test_a_metric_that_one_run_lacks_is_not_summarised(self):
        pairs = [{"cpp": run_of(10), "python": run_of(10, None)}]
        self.assertIsNone(peer_table.summarise(pairs, "step_rss_mib"))
        self.assertIn("not measured", peer_table.table_row(1, "step_rss_mib", pairs))


CASE = {"benchmark": "described", "seed": 7, "device": "cpu", "precision": "fp32", "model": "resnet18",
        "stem": "imagenet", "epochs": 0, "batch": 128, "warmup_steps": 3}
ON_GPU = {**CASE, "benchmark": "Step_GPU_AMP_FP16_graph_device/batch:512", "device": "cuda", "precision": "amp_fp16",
          "scaling": "on_device", "form": "graph", "batch": 512, "warmup_steps": 20}


class Machine:
    """Takes the place of peers.run: a bench and a Python that answer at once."""

    def __init__(self):
        self.calls, self.torch, self.status, self.python_fails_at = [], "2.11.0+cu130", "ok", None
        self.description, self.python_environments = {"worker_environment": TUNABLES}, []
        self.kind = "training"
        self.cases, self.described, self.facts = [dict(CASE)], [], {}

    def __call__(self, arguments, environment=None):
        is_bench = pathlib.Path(arguments[0]).name == "bench"
        if arguments[-1] in ("--version", "--versions"):
            versions = {"python": "3.11.2", "torch": self.torch, "torchvision": "0.26.0", "numpy": "2.4.6"}
            return self.answer("bench 0.1.0 (abc), LibTorch 2.11.0\n" if is_bench else json.dumps(versions))
        if arguments[-1] == "--describe":
            self.described.append(arguments)
            return self.answer(json.dumps({"cases": self.cases, **self.description})) if self.cases else \
                self.answer("", 64, "No benchmark matches. Did you mean 'Exp3_GPU_FP32/batch:128'?\n")
        if not is_bench:
            self.python_environments.append(environment)
        self.calls.append(("cpp" if is_bench else "python", arguments))
        return self.bench(arguments) if is_bench else self.python()

    @staticmethod
    def answer(stdout, code=0, stderr=""):
        return subprocess.CompletedProcess([], code, stdout, stderr)

    def bench(self, arguments):
        folder = pathlib.Path(next(a for a in arguments if a.startswith("--out=")).removeprefix("--out="))
        folder.mkdir(parents=True)
        head, line, end = copy.deepcopy(JOURNAL)
        line["case"]["metrics"].update(images_per_second=220.0, step_rss_mib=240.0, gpu_peak_allocated_mib=500.0)
        line["case"]["measurement"]["kind"] = self.kind
        line["case"].update(status=self.status, reason="It was too hot.")
        lines = [head, line, end]
        (folder / "journal.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return self.answer("", 0 if self.status == "ok" else 30)

    def python(self):
        if self.python_fails_at == sum(side == "python" for side, _ in self.calls):
            return self.answer("", 1, "Traceback\nRuntimeError: no more beads\n")
        ran = {"benchmark": "Exp", "status": "ok", "reason": "", "measurement": self.facts, **run_of(200.0, 300.0)}
        ran["metrics"]["gpu_peak_allocated_mib"] = 1000.0
        return self.answer(json.dumps(ran))


class Comparison(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        (self.root / "bench").write_text("")
        self.machine = Machine()

    def compare(self, *arguments):
        printed, told = io.StringIO(), io.StringIO()
        with (mock.patch.object(peers, "run", self.machine),
              mock.patch.object(peers.shutil, "which", lambda _: "python"),
              contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told)):
            code = peers.main([f"--bench={self.root / 'bench'}", f"--python_path={self.root}",
                               f"--out={self.root / 'out'}", *arguments])
        return code, printed.getvalue(), told.getvalue()

    def test_nine_pairs_make_a_table_with_an_interval_and_keep_every_value(self):
        code, printed, told = self.compare()
        self.assertEqual(code, 0, told)
        for threads in (1, 2):
            for row in ("images/s | 220.0 ± 0.0 % | 200.0 ± 0.0 % | 1.100 | [1.100, 1.100] | 9 |",
                        "step RSS, MiB | 240.0 ± 0.0 % | 300.0 ± 0.0 % | 0.800 | [0.800, 0.800] | 9 |"):
                self.assertIn(f"| {threads} | {row}", printed)
        self.assertIn("order statistics 2 and 8 of 9, exact confidence 96.09%", printed)
        self.assertIn("PyTorch 2.11.0+cu130", printed)
        self.assertIn("1 steps measured after 1 of warm-up, data cifar10-mini (hash c0f3756f602e07b6)", printed)
        self.assertIn("GNU 12.2.0", printed)
        self.assertIn("Machine: AMD EPYC, 2 cores, 24 GiB, x86_64", printed)
        self.assertNotIn("unknown", printed)
        self.assertEqual((self.root / "out" / "peers.md").read_text(), printed)
        raw = [json.loads(line) for line in (self.root / "out" / "pairs.ndjson").read_text().splitlines()]
        self.assertEqual(len(raw), 1 + 18)
        self.assertEqual(raw[1]["pair"]["python"]["metrics"]["images_per_second"], 200)

    def test_the_order_inside_a_pair_varies_and_is_the_same_the_next_time(self):
        self.compare("--threads=1")
        first = [side for side, _ in self.machine.calls]
        self.assertEqual(first.count("cpp"), 9)
        self.assertEqual(len({tuple(first[i:i + 2]) for i in range(0, 18, 2)}), 2)
        self.machine.calls.clear()
        self.compare("--threads=1", f"--out={self.root / 'again'}")
        self.assertEqual([side for side, _ in self.machine.calls], first)

    def test_the_runs_are_those_asked_for(self):
        self.compare("--pairs=1", "--threads=3", "--batch=64", "--steps=5")
        flags = dict(self.machine.calls)
        self.assertIn("--benchmark_filter=^Exp2_CPU_NT/batch:64/threads:3/workers:1$", flags["cpp"])
        for flag in ("--axis=threads=3", "--axis=batch=64", "--steps=5", "--seed=1"):
            self.assertIn(flag, flags["cpp"])
        self.assertEqual(flags["python"][2:], ["--form=study", "--compile=no", f"--case={json.dumps(CASE)}"])

    def test_a_benchmark_is_compared_by_its_name_with_a_form_and_the_table_says_which(self):
        self.machine.cases, self.machine.facts = [ON_GPU], {"compile_seconds": "61.5"}
        code, printed, told = self.compare("--pairs=6", "--benchmark=^Step_GPU_AMP_FP16", "--form=strong",
                                           "--compile=max-autotune", "--warmup_steps=20")
        self.assertEqual(code, 0, told)
        name = ON_GPU["benchmark"]
        self.assertIn("| benchmark | metric | C++ | Python (strong, compile max-autotune) | C++/Python |", printed)
        self.assertIn(f"| {name} | images/s | 220.0 ± 0.0 % | 200.0 ± 0.0 % | 1.100 | [1.100, 1.100] | 6 |", printed)
        self.assertIn(f"| {name} | GPU allocated, MiB | 500.0 ± 0.0 % | 1000.0 ± 0.0 % | 0.500 |", printed)
        self.assertNotIn("step RSS", printed)
        self.assertIn("Per run: batch 512,", printed)
        self.assertIn("torch.compile took 61.5 to 61.5 s a run", printed)
        self.assertIn("--benchmark_filter=^Step_GPU_AMP_FP16", self.machine.described[0])
        flags = dict(self.machine.calls)
        self.assertIn(f"--benchmark_filter=^{name}$", flags["cpp"])
        self.assertIn("--warmup_steps=20", flags["cpp"])
        self.assertFalse([flag for flag in flags["cpp"] if flag.startswith("--axis")])
        self.assertEqual(flags["python"][2:4], ["--form=strong", "--compile=max-autotune"])

    def test_a_whole_name_is_that_benchmark_alone(self):
        longer = {**ON_GPU, "benchmark": ON_GPU["benchmark"] + "0"}
        self.machine.cases = [ON_GPU, longer]
        _, printed, _ = self.compare("--pairs=1", f"--benchmark={ON_GPU['benchmark']}", "--batch=512")
        self.assertNotIn(longer["benchmark"], printed)
        self.assertIn("--axis=batch=512", dict(self.machine.calls)["cpp"])

    def test_a_case_that_the_form_cannot_train_is_64_before_anything_runs(self):
        self.machine.cases = [{**ON_GPU, "precision": "half"}]
        code, _, told = self.compare("--benchmark=Step", "--form=strong")
        self.assertEqual((code, self.machine.calls), (64, []))
        self.assertIn("not 'half'", told)

    def test_a_benchmark_that_trains_nothing_is_64(self):
        self.machine.kind = "loader"
        code, _, told = self.compare("--benchmark=Loader")
        self.assertEqual(code, 64)
        self.assertIn("measures 'loader'", told)

    def test_a_benchmark_that_is_not_there_is_64_with_bench_s_words(self):
        self.machine.cases = []
        code, _, told = self.compare("--benchmark=Exp33")
        self.assertEqual(code, 64)
        self.assertIn("Did you mean", told)

    def test_a_python_of_the_user_s_own_keeps_its_own_packages(self):
        printed, told = io.StringIO(), io.StringIO()
        with (mock.patch.object(peers, "run", self.machine), contextlib.redirect_stdout(printed),
              contextlib.redirect_stderr(told)):
            code = peers.main([f"--bench={self.root / 'bench'}", "--python=mine", "--pairs=1", "--threads=1",
                               f"--out={self.root / 'out'}"])
        self.assertEqual(code, 0, told.getvalue())
        self.assertEqual(dict(self.machine.calls)["python"][0], "mine")
        self.assertEqual(self.machine.python_environments[0].get("PYTHONPATH"), os.environ.get("PYTHONPATH"))

    def test_python_gets_the_variables_that_bench_gives_its_workers_and_the_table_names_them(self):
        _, printed, _ = self.compare("--pairs=1", "--threads=1")
        environment, = self.machine.python_environments
        self.assertEqual(environment, environment | TUNABLES)
        self.assertEqual(environment["PYTHONPATH"], str(self.root))
        self.assertIn("Both sides run with GLIBC_TUNABLES=glibc.malloc.mmap_threshold=9000000.", printed)

    def test_a_bench_that_gives_its_workers_no_variables_leaves_python_s_alone(self):
        for number, description in enumerate(({}, {"worker_environment": {}})):
            self.machine.description = description
            _, printed, _ = self.compare("--pairs=1", "--threads=1", f"--out={self.root / str(number)}")
            self.assertEqual(self.machine.python_environments[-1].get("GLIBC_TUNABLES"), os.environ.get("GLIBC_TUNABLES"))
            self.assertIn("Neither side is given variables", printed)

    def test_five_pairs_have_no_interval_and_the_table_says_so(self):
        _, printed, _ = self.compare("--pairs=5", "--threads=1")
        self.assertIn("| 1.100 | none | 5 |", printed)
        self.assertIn("needs 6 pairs or more, there are 5", printed)

    def test_a_failed_python_run_is_30_with_its_last_words_and_the_pairs_before_it_are_kept(self):
        self.machine.python_fails_at = 2
        code, printed, told = self.compare("--threads=1")
        self.assertEqual((code, printed), (30, ""))
        self.assertIn("RuntimeError: no more beads", told)
        self.assertEqual(len((self.root / "out" / "pairs.ndjson").read_text().splitlines()), 2)

    def test_a_failed_cpp_run_is_30_with_its_reason(self):
        self.machine.status = "failed"
        code, _, told = self.compare()
        self.assertEqual(code, 30)
        self.assertIn("It was too hot.", told)

    def test_two_versions_of_pytorch_are_69(self):
        self.machine.torch = "2.11.1"
        code, _, told = self.compare()
        self.assertEqual(code, 69)
        self.assertIn("2.11.1", told)
        self.assertEqual(self.machine.calls, [])

    def test_a_folder_that_cannot_be_made_is_74(self):
        code, _, told = self.compare(f"--out={self.root / 'bench' / 'below'}")
        self.assertEqual(code, 74)
        self.assertIn("Cannot write", told)

    def test_an_older_comparison_is_not_overwritten(self):
        self.compare("--pairs=1", "--threads=1")
        code, _, told = self.compare("--pairs=1", "--threads=1")
        self.assertEqual(code, 64)
        self.assertIn("holds something already", told)

    def test_wrong_arguments_are_64(self):
        for argument in ("--pairs=0", "--threads=1,x", "--threads=", "--batch=-1", "--steps=1.5", "--pair=9", "word", "--form=weak",
                         "--compile=yes"):
            code, _, told = self.compare(argument)
            self.assertEqual(code, 64, argument)
            self.assertIn("ci/peers --help", told)


    def test_a_benchmark_and_threads_exclude_each_other(self):
        code, _, told = self.compare("--benchmark=Exp3", "--threads=1")
        self.assertEqual(code, 64)
        self.assertIn("leave one of them out", told)


class Cases(unittest.TestCase):
    @staticmethod
    def refused(form, compiled, changes):
        return peer_case.refusal({**CASE, **changes}, form, compiled)

    def test_every_form_trains_what_it_says(self):
        for form, compiled, changes in (("study", "no", {}), ("strong", "no", {}), ("strong", "default", {}),
                                        ("strong", "no", {"precision": "amp_bf16"}),
                                        ("study", "no", ON_GPU), ("study", "no", {**ON_GPU, "precision": "fp32"}),
                                        ("strong", "max-autotune", ON_GPU), ("strong", "default", ON_GPU)):
            self.assertIsNone(self.refused(form, compiled, changes), (form, compiled, changes))

    def test_what_a_form_cannot_train_is_named(self):
        for form, compiled, changes, words in (
                ("study", "no", {"precision": "amp_bf16"}, "precision 'fp32', not 'amp_bf16'"),
                ("strong", "no", {**ON_GPU, "precision": "half"}, "not 'half'"),
                ("study", "no", {"device": "tpu"}, "not on 'tpu'"), ("study", "no", {"stem": "cifar"}, "not 'cifar'"),
                ("study", "no", {"model": "vgg"}, "not 'vgg'"), ("study", "no", {"epochs": 5}, "not '5'"),
                ("study", "no", {"scaling": "host_read"}, "scaling 'none'"),
                ("study", "default", {}, "--compile=no, not 'default'"),
                ("strong", "max-autotune", {}, "--compile=no or default"),
                ("strong", "default", {"warmup_steps": 1}, "--warmup_steps=N")):
            self.assertIn(words, self.refused(form, compiled, changes) or "nothing refused")

    def test_half_precision_is_scaled_unless_the_case_says_otherwise(self):
        self.assertTrue(peer_case.is_scaled({"precision": "amp_fp16"}))
        self.assertFalse(peer_case.is_scaled({"precision": "amp_fp16", "scaling": "none"}))
        self.assertFalse(peer_case.is_scaled({"precision": "amp_bf16", "scaling": "none"}))


class Script(unittest.TestCase):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=120)

    def test_a_missing_bench_is_69_and_says_how_to_get_it(self):
        done = self.run_script("--bench=/nonexistent/bench")
        self.assertEqual(done.returncode, 69)
        self.assertIn("run ./bench once", done.stderr)

    def test_missing_packages_are_69_and_say_how_to_get_them(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, body in (("bench", "#!/bin/sh\necho 'bench 0.1.0 (abc), LibTorch 2.11.0'\n"),
                               ("numpy.py", "raise ImportError('no numpy')\n")):
                (pathlib.Path(folder) / name).write_text(body)
            (pathlib.Path(folder) / "bench").chmod(0o755)
            done = self.run_script(f"--bench={folder}/bench", f"--python_path={folder}", f"--out={folder}/out")
            self.assertFalse((pathlib.Path(folder) / "out").exists())
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("TRAINBENCH_TIER=cuda ci/setup", done.stderr)

    def test_help_names_every_flag(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        for flag in ("--benchmark", "--form", "--compile", "--pairs", "--threads", "--batch", "--steps", "--warmup_steps",
                     "--out", "--bench", "--python", "--python_path"):
            self.assertIn(flag, done.stdout)


if __name__ == "__main__":
    unittest.main()
