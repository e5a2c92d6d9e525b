#!/usr/bin/env python3
"""Tests of ci/gpu with a made-up torch and made-up programs: bundling, parts, time, and what is kept."""
import json
import os
import pathlib
import shutil
import signal
import sys
import tarfile
import textwrap
import unittest

from script_world import ROOT, ScriptTest

READELF = """
    name = pathlib.Path(sys.argv[-1]).name
    print(" 0x1 (NEEDED) Shared library: [libtorch_cuda.so]" * (name != "bench" or "no_gpu" not in FAULT))
    print(" 0x1 (NEEDED) Shared library: [libbenchmark.so.1debian]" * (name == "bench"))
    print(" 0x1d (%s) Library runpath: [%s/torch/lib]" % ("RPATH" if "rpath" in FAULT else "RUNPATH",
                                                         "" if "no_origin" in FAULT else "$ORIGIN:"))
"""
LDD = """
    library = os.environ["FAKE_LIBRARY"]
    print("\\tlinux-vdso.so.1 (0x1)\\n\\tlibc.so.6 => /lib/libc.so.6 (0x1)")
    print("\\tlibtorch.so => /x/torch/lib/libtorch.so (0x1)")
    if pathlib.Path(sys.argv[1]).name == "bench":
        print("\\tlibbenchmark.so.1debian => %s (0x1)" % ("not found" if "no_library" in FAULT else library))
"""
CTEST = """
    folder = sys.argv[sys.argv.index("--test-dir") + 1]
    tests = [{"command": [folder + "/test_gpu", "--gtest_filter=" + name]} for name in ("A.One", "A.Two")]
    if "recorder" in FAULT: tests.append({"command": [folder + "/test_gpu_recorder", "--gtest_filter=R.One"]})
    print(json.dumps({"tests": [] if "no_tests" in FAULT else tests + [{"name": "test_base_NOT_BUILT"}]}))
"""
STRIP = """
    more = b"0" * int(os.environ.get("FAKE_BYTES", 0))
    pathlib.Path(sys.argv[2]).write_bytes(pathlib.Path(sys.argv[3]).read_bytes() + more)
    os.chmod(sys.argv[2], 0o755)
"""
BENCH = """
    flags = dict(word.partition("=")[::2] for word in sys.argv[1:])
    log("bench " + " ".join(sys.argv[1:]))
    names = ["Exp1_CPU_1T/batch:128", "Exp3_GPU_FP32/batch:128", "Exp5_GPU_AMP/batch:256"]
    if "steps" in FAULT: names = ["Step_GPU_TF32_eager_host/batch:128", "Step_GPU_HALF_graph_device/batch:128"]
    names = [name for name in names if re.search(flags.get("--benchmark_filter", "."), name)]
    if "--version" in flags:
        print("bench 0.1.0 (abc123), LibTorch 2.11.0")
    elif "--benchmark_list_tests" in flags:
        print("\\n".join(names))
        sys.exit(0 if names else 64)
    else:
        folder = pathlib.Path(flags["--out"])
        folder.mkdir(parents=True)
        for name in names:
            for repetition in range(int(flags["--benchmark_repetitions"])):
                case = {"benchmark": name, "status": "failed" if "failed" in FAULT else "ok", "repetition": repetition,
                        "data": os.environ.get("CIFAR10_DIR"),
                        "metrics": {"step_time_ms": 10, "profiled_step_time_ms": 12 if "costly" in FAULT else 10.5}}
                with (folder / "journal.ndjson").open("a") as journal:
                    journal.write(json.dumps({"case": case}) + "\\n")
            if "slow" in FAULT:
                subprocess.Popen(["sleep", "60"])
                log("sleeping")
                time.sleep(60)
        (folder / "benchmark.json").write_text("{}")
        sys.exit(30 if "failed" in FAULT else 0)
"""
REPORT = """
    if sys.argv[1] == "profile":
        print("tables of " + pathlib.Path(sys.argv[2]).read_text())
        sys.exit(0)
    pathlib.Path(sys.argv[-1]).write_text("report of %d\\n" % (len(sys.argv) - 3))
"""
TEST = """
    log("test_gpu " + " ".join(sys.argv[1:]) + " " + os.environ["LD_LIBRARY_PATH"])
    if "crash" in FAULT: os.kill(os.getpid(), 11)
    out = next(word for word in sys.argv if word.startswith("--gtest_output=json:")).removeprefix("--gtest_output=json:")
    tests = [{"result": "COMPLETED"}, {"result": "SKIPPED"}, {"result": "COMPLETED"}]
    if "failed" in FAULT: tests[0]["failures"] = [{}]
    pathlib.Path(out).write_text(json.dumps({"testsuites": [{"testsuite": tests}]}))
    sys.exit("failed" in FAULT)
"""
RECORDER = """
    folder = os.environ.get("TRAINBENCH_PROFILE_DIR")
    if folder: pathlib.Path(folder, "gpu_recorder.json").write_text("a profile")
""" + TEST.replace("test_gpu", "test_gpu_recorder")
TORCH = """
    import os
    __version__ = os.environ.get("FAKE_TORCH", "2.11.0+cu130")
    class cuda:
        def init():
            if "FAKE_NO_GPU" in os.environ: raise RuntimeError("Found no NVIDIA driver on your system.\\nMore words.")
        def get_device_name(index): return "Fake H100"
"""


class GpuTest(ScriptTest):
    def setUp(self):
        super().setUp()
        for script in [*(ROOT / "ci").glob("gpu*"), ROOT / "ci" / "unpack_cifar10_jpeg"]:
            if script.is_file():
                shutil.copy(script, self.root / "ci")
        self.build, self.bundled, self.results = self.folder / "built", self.folder / "carried", self.folder / "results"
        self.build.mkdir()
        for name, body in (("readelf", READELF), ("ldd", LDD), ("ctest", CTEST), ("strip", STRIP)):
            self.program(self.bin / name, body)
        for name, body in (("bench", BENCH), ("bench-report", REPORT), ("test_gpu", TEST),
                           ("test_gpu_recorder", RECORDER)):
            self.program(self.build / name, body)
        torch = self.folder / "site" / "torch"
        (torch / "lib").mkdir(parents=True)
        (self.folder / "site" / "nvidia" / "cu13" / "lib").mkdir(parents=True)
        (torch / "__init__.py").write_text(textwrap.dedent(TORCH))
        library = self.folder / "libbenchmark.so.1.7.1"
        library.write_text("a library")
        self.environment |= {"PYTHONPATH": str(self.folder / "site"), "PYTHONDONTWRITEBYTECODE": "1",
                             "FAKE_LIBRARY": f"/lib/../..{library}"}

    def program(self, path, body):
        head = (f"#!{sys.executable}\nimport json, os, pathlib, re, subprocess, sys, time\n"
                "FAULT = os.environ.get('FAKE_FAULT', '')\n"
                "def log(line):\n    with open(os.environ['FAKE_LOG'], 'a') as file: file.write(line + '\\n')\n")
        path.unlink(missing_ok=True)
        path.write_text(head + textwrap.dedent(body))
        path.chmod(0o755)

    def gpu(self, *arguments, **environment):
        return self.run_script(sys.executable, self.root / "ci" / "gpu", *arguments, **environment)

    def bundle(self, *arguments, **environment):
        return self.gpu("bundle", self.bundled, f"--build={self.build}", *arguments, **environment)

    def where(self):
        return [f"--bundle={self.bundled}", f"--results={self.results}"]

    def part(self, name, *arguments, **environment):
        return self.gpu(name, *self.where(), *arguments, **environment)

    def carried(self):
        done = self.bundle()
        self.assertEqual(done.returncode, 0, done.err)
        self.forget_calls()

    def timed_runs(self):
        return [line for line in self.calls("bench") if "--out=" in line]

    def packed(self):
        with tarfile.open(self.folder / "results.tar.gz") as tar:
            return sorted(tar.getnames())


class Bundling(GpuTest):
    def test_collects_programs_gpu_tests_and_the_library_that_debian_would_give(self):
        done = self.bundle()
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(sorted(path.name for path in self.bundled.iterdir()),
                         ["bench", "bench-report", "bundle.json", "libbenchmark.so.1debian", "test_gpu"])
        self.assertEqual((self.bundled / "libbenchmark.so.1debian").read_text(), "a library")
        self.assertEqual(json.loads((self.bundled / "bundle.json").read_text()),
                         {"bundle": 1, "commit": "abc123", "torch": "2.11.0", "tests": {"test_gpu": "A.One:A.Two"},
                          "libraries": ["libbenchmark.so.1debian"]})
        self.assertIn("9 bytes  libbenchmark.so.1debian", done.out)

    def test_replaces_an_older_bundle_and_takes_images_along(self):
        (self.folder / "images.tar.xz").write_text("images")
        self.carried()
        self.assertEqual(self.bundle(f"--images={self.folder / 'images.tar.xz'}").returncode, 0)
        self.assertEqual((self.bundled / "cifar10-jpeg.tar.xz").read_text(), "images")

    def test_programs_of_more_than_25_mib_are_refused_with_the_figure_and_leave_nothing(self):
        done = self.bundle(FAKE_BYTES=str(9 << 20))
        self.assert_fails(done, 69, "27.0 MiB", "25.0 MiB may be carried", "test_gpu 9.0 MiB")
        self.assertEqual([path for path in self.folder.glob("carried*")], [])

    def test_a_bundle_of_more_than_64_mib_is_refused_and_the_older_one_stays(self):
        self.carried()
        with (self.folder / "images.tar").open("wb") as images:
            images.truncate(65 << 20)
        self.assert_fails(self.bundle(f"--images={self.folder / 'images.tar'}"), 69, "65.0 MiB", "64.0 MiB may be carried")
        self.assertTrue((self.bundled / "bench").is_file())

    def test_programs_that_would_not_find_their_libraries_are_refused(self):
        for fault, words in (("no_origin", "lacks $ORIGIN"), ("rpath", "RPATH"), ("no_library", "libbenchmark.so.1debian"),
                             ("no_gpu", "without GPU code")):
            self.assert_fails(self.bundle(FAKE_FAULT=fault), 69, words)
            self.assertFalse(self.bundled.exists(), fault)

    def test_a_program_that_is_not_built_is_named(self):
        (self.build / "bench-report").unlink()
        self.assert_fails(self.bundle(), 69, "bench-report", "--build=DIR")

    def test_a_folder_of_the_user_s_own_is_not_replaced(self):
        self.bundled.mkdir()
        (self.bundled / "thesis").write_text("years")
        self.assert_fails(self.bundle(), 64, "is no bundle")
        self.assertEqual((self.bundled / "thesis").read_text(), "years")

    def test_says_where_no_test_needs_a_gpu(self):
        self.assertIn("No test program carries the label gpu", self.bundle(FAKE_FAULT="no_tests").out)


class Refusing(GpuTest):
    def test_an_unknown_part_is_64_and_names_the_parts(self):
        for words in ([], ["banana"], ["--part_minutes=3"]):
            self.assert_fails(self.gpu(*words), 64, "tests, study, ladder, accuracy, peers, settle, profile, all")

    def test_wrong_flags_are_64(self):
        for flag in ("--part_minutes=x", "--all_minutes=0", "--part_minutes=nan", "--other", "word"):
            self.assert_fails(self.part("tests", flag), 64, "ci/gpu --help")

    def test_no_gpu_is_69_with_the_reason_and_leaves_nothing(self):
        self.carried()
        self.assert_fails(self.part("study", FAKE_NO_GPU="1"), 69, "Found no NVIDIA driver on your system.")
        self.assertFalse(self.results.exists())

    def test_another_torch_is_69(self):
        self.carried()
        self.assert_fails(self.part("study", FAKE_TORCH="2.10.0"), 69, "2.10.0", "2.11.0")

    def test_a_python_without_torch_is_69(self):
        self.carried()
        shutil.rmtree(self.folder / "site")
        self.assert_fails(self.part("study"), 69, "cannot use torch", "No module named 'torch'")

    def test_a_missing_bundle_is_64_and_says_how_it_is_made(self):
        self.assert_fails(self.part("study"), 64, "ci/gpu bundle")

    def test_results_of_another_gpu_are_not_mixed_in(self):
        self.carried()
        self.part("study")
        self.assert_fails(self.part("study", "--without_gpu", FAKE_NO_GPU="1"), 64, "abc123 on Fake H100", "--results=DIR")


class Running(GpuTest):
    def setUp(self):
        super().setUp()
        self.carried()

    def test_tests_get_torch_s_libraries_and_are_counted(self):
        done = self.part("tests")
        self.assertEqual(done.returncode, 0, done.out + done.err)
        self.assertIn("tests/test_gpu: 2 passed 0 failed 1 skipped", done.out)
        call, = self.calls("test_gpu")
        self.assertIn("--gtest_filter=A.One:A.Two", call)
        self.assertIn(f"{self.folder}/site/torch/lib:{self.folder}/site/nvidia/cu13/lib", call)

    def test_a_failed_test_is_30_and_the_program_is_run_again_the_next_time(self):
        done = self.part("tests", FAKE_FAULT="failed")
        self.assertEqual(done.returncode, 30)
        self.assertIn("1 passed 1 failed 1 skipped", done.out)
        self.assertEqual(self.part("tests").returncode, 0)
        self.assertEqual(len(self.calls("test_gpu")), 2)

    def test_a_test_program_that_crashes_is_30_and_no_older_result_speaks_for_it(self):
        self.part("tests", FAKE_FAULT="failed")
        done = self.part("tests", FAKE_FAULT="crash")
        self.assertEqual(done.returncode, 30)
        self.assertIn("it crashed or does not start", done.out)

    def test_the_study_is_run_with_a_gpu_required_and_reported_on(self):
        done = self.part("study")
        self.assertEqual(done.returncode, 0, done.out + done.err)
        call, = self.timed_runs()
        for flag in ("--preset=quick", "--require_gpu", "--benchmark_repetitions=5",
                     "--benchmark_filter=^(Exp1_CPU_1T/batch:128|Exp3_GPU_FP32/batch:128|Exp5_GPU_AMP/batch:256)$"):
            self.assertIn(flag, call)
        self.assertEqual((self.results / "study" / "report.md").read_text(), "report of 1\n")

    def test_a_rehearsal_requires_no_gpu(self):
        done = self.part("study", "--without_gpu", FAKE_NO_GPU="1")
        self.assertEqual(done.returncode, 0, done.out)
        self.assertNotIn("--require_gpu", self.timed_runs()[0])

    def test_what_is_finished_is_not_run_again(self):
        self.part("study")
        self.forget_calls()
        done = self.part("study")
        self.assertIn("study/run: done before", done.out)
        self.assertEqual(self.timed_runs(), [])

    def test_a_part_that_runs_out_of_time_keeps_its_results_and_goes_on_with_what_is_left(self):
        done = self.part("study", "--part_minutes=0.05", FAKE_FAULT="slow")
        self.assertEqual(done.returncode, 30)
        self.assertIn("ran out of its 0.05 minutes", done.out)
        self.assertEqual((self.results / "study" / "report.md").read_text(), "report of 1\n")
        self.assertIn("results/study/run-1/journal.ndjson", self.packed())
        again = self.part("study")
        self.assertEqual(again.returncode, 0, again.out)
        self.assertIn("1 of 3 benchmarks done before", again.out)
        self.assertIn("--benchmark_filter=^(Exp3_GPU_FP32/batch:128|Exp5_GPU_AMP/batch:256)$", self.timed_runs()[1])
        self.assertEqual((self.results / "study" / "report.md").read_text(), "report of 2\n")

    def test_a_failed_case_is_30_and_run_again(self):
        self.assertEqual(self.part("study", FAKE_FAULT="failed").returncode, 30)
        self.assertEqual(self.part("study").returncode, 0)
        self.assertIn("Exp1_CPU_1T", self.timed_runs()[1])

    def test_the_session_s_minutes_are_counted_over_all_calls(self):
        self.part("study", "--part_minutes=0.05", FAKE_FAULT="slow")
        done = self.part("study", "--all_minutes=0.04")
        self.assertEqual(done.returncode, 30)
        self.assertIn("The 0.04 minutes of this session are spent", done.out)
        self.assertEqual(len(self.timed_runs()), 1)

    def test_an_interrupted_call_ends_what_it_started_and_packs_what_there_is(self):
        process = self.start(sys.executable, self.root / "ci" / "gpu", "study", *self.where(), FAKE_FAULT="slow")
        self.wait_for(lambda: self.calls("sleeping"), "bench did not start")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143)
        self.assertIn("results/study/run-1/journal.ndjson", self.packed())
        alive = [path for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if self.reads(path, str(self.results))]
        self.assertEqual(alive, [])

    @staticmethod
    def reads(path, word):
        try:
            return word in path.read_text()
        except OSError:
            return False

    def test_the_tar_holds_state_log_and_results_and_is_copied_to_out(self):
        out = self.folder / "out"
        out.mkdir()
        self.part("study", OUT=out)
        names = self.packed()
        for name in ("results/log", "results/state.json", "results/study/report.md", "results/study/run-1/benchmark.json",
                     "results/study/run-1/journal.ndjson", "results/study/run.log"):
            self.assertIn(name, names)
        self.assertEqual((out / "results.tar.gz").read_bytes(), (self.folder / "results.tar.gz").read_bytes())

    def test_what_does_not_fit_into_the_tar_is_left_out_and_named_and_reports_come_first(self):
        (self.results / "study").mkdir(parents=True)
        (self.results / "study" / "large.bin").write_bytes(os.urandom(17 << 20))
        done = self.part("study")
        self.assertIn("left out of the tar, which may take 16.0 MiB: study/large.bin", done.out)
        self.assertNotIn("results/study/large.bin", self.packed())
        self.assertIn("results/study/report.md", self.packed())

    def test_parts_that_this_bench_cannot_do_say_so_and_end_with_0(self):
        for part, words in (("ladder", "no benchmark that matches '^Step_GPU_'"),
                            ("accuracy", "bundle it with --images=FILE")):
            done = self.part(part)
            self.assertEqual(done.returncode, 0, done.out + done.err)
            self.assertIn("skipped", done.out)
            self.assertIn(words, done.out)

    def test_the_ladder_begins_with_the_graph_and_runs_no_rung_twice(self):
        done = self.part("ladder", FAKE_FAULT="steps")
        self.assertEqual(done.returncode, 0, done.out + done.err)
        self.assertIn("ladder/rest: 1 of 2 benchmarks done before", done.out)
        first, second = self.timed_runs()
        self.assertIn("--benchmark_filter=^(Step_GPU_HALF_graph_device/batch:128)$", first)
        self.assertIn("--benchmark_filter=^(Step_GPU_TF32_eager_host/batch:128)$", second)

    def test_profile_records_experiments_3_and_5_and_verifies_one(self):
        self.part("profile")
        for flag, run in zip(("--profile ", "--axis=batch=32 ", "--profile=verify"), self.timed_runs(), strict=True):
            self.assertIn(flag, run)

    def test_profile_says_what_recording_costs_and_lets_a_small_batch_s_step_cost_more(self):
        done = self.part("profile", FAKE_FAULT="costly")
        self.assertEqual(done.returncode, 30)
        self.assertIn("profile/run: recording made Exp3_GPU_FP32/batch:128 1.200 times as slow, at most 1.1 ", done.out)
        self.assertIn("profile/small_batch: Exp3_GPU_FP32/batch:128 profiled / unprofiled 1.200, at most 1.5\n", done.out)
        self.assertNotIn("profile/small_batch: recording made", done.out)

    def test_profile_runs_the_recorder_s_tests_again_and_leaves_their_profile_and_its_tables(self):
        self.bundle(FAKE_FAULT="recorder")
        done = self.part("profile")
        self.assertEqual(done.returncode, 0, done.out + done.err)
        self.assertEqual(self.calls("test_gpu "), [])
        self.assertIn("--gtest_filter=R.One", self.calls("test_gpu_recorder")[0])
        self.assertIn("profile/test_gpu_recorder: 2 passed 0 failed 1 skipped", done.out)
        self.assertEqual((self.results / "profile" / "recorded" / "gpu_recorder.json").read_text(), "a profile")
        self.assertIn("\ntables of a profile\n", (self.results / "profile" / "gpu_recorder-tables.log").read_text())

    def test_profile_fails_where_a_recorder_s_test_does_and_goes_on_with_bench(self):
        self.bundle(FAKE_FAULT="recorder")
        done = self.part("profile", FAKE_FAULT="failed")
        self.assertEqual(done.returncode, 30)
        self.assertIn("--profile", self.timed_runs()[0])

    def test_all_goes_through_every_part(self):
        (self.root / "ci" / "gpu_settle.py").write_text("")
        (self.root / "ci" / "peers").write_text("")
        done = self.part("all")
        self.assertEqual(done.returncode, 0, done.out + done.err)
        for step in ("tests/test_gpu", "study/run", "peers/Exp3_GPU_FP32-batch128-study", "settle/fused_sgd"):
            self.assertIn(f"{step}: done", done.out)

    def test_another_call_at_the_same_time_is_refused(self):
        process = self.start(sys.executable, self.root / "ci" / "gpu", "study", *self.where(), FAKE_FAULT="slow")
        self.wait_for(lambda: self.calls("sleeping"), "bench did not start")
        self.assert_fails(self.part("tests"), 74, "Another ci/gpu is at work")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


if __name__ == "__main__":
    unittest.main()
