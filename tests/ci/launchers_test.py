#!/usr/bin/env python3
"""Tests of the launchers bench and bench-report with the built programs played by scripts."""
import os
import signal
import time
import unittest

from script_world import ScriptTest


class LauncherTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run 1"

    def assert_reported(self):
        self.assertEqual(self.calls("bench-report"), [
            f"bench-report <{self.run_folder}>", "bench-report <-o>", f"bench-report <{self.run_folder}/report.md>"])
        self.assertTrue((self.run_folder / "report.md").is_file())

    def bench(self, *arguments, **environment):
        return self.run_script(self.root / "bench", *arguments, **environment)

    def started(self, **environment):
        """Starts ./bench and returns when the program waits for a signal."""
        process = self.start(self.root / "bench", **environment)
        self.wait_for(lambda: self.calls("bench")[-1:] == ["bench waits"], "the program never came to wait")
        return process

    def test_passes_flags_and_stdout_unchanged(self):
        done = self.bench("--benchmark_filter=Exp 1|a*", "", "--x=$HOME")
        self.assertEqual((done.returncode, done.out), (0, "a table\n"), done.err)
        self.assertEqual(self.calls("bench"), ["bench <--benchmark_filter=Exp 1|a*>", "bench <>", "bench <--x=$HOME>"])

    def test_reports_on_the_run(self):
        done = self.bench(FAKE_RUN=str(self.run_folder))
        self.assertEqual((done.returncode, done.out), (0, "a table\n"), done.err)
        self.assertIn(f"Report: {self.run_folder}/report.md\n", done.err)
        self.assert_reported()

    def test_reports_on_a_run_with_failed_cases_and_keeps_its_code(self):
        self.assertEqual(self.bench(FAKE_RUN=str(self.run_folder), FAKE_CODE="30").returncode, 30)
        self.assert_reported()

    def test_reports_nothing_where_no_run_was_made(self):
        for code in ("0", "64"):
            done = self.bench("--help", FAKE_CODE=code)
            self.assertEqual(done.returncode, int(code), done.err)
            self.assertNotIn("Report", done.err)
        self.assertEqual(self.calls("bench-report"), [])

    def test_ends_with_the_code_of_a_report_that_fails_after_a_run_that_did_not(self):
        for code, expected in (("0", 74), ("30", 30)):
            done = self.bench(FAKE_RUN=str(self.run_folder), FAKE_CODE=code, FAKE_REPORT_CODE="74")
            self.assertEqual(done.returncode, expected, done.err)
            self.assertNotIn("Report:", done.err)

    def test_passes_on_that_the_build_failed_and_runs_nothing(self):
        done = self.bench(FAKE_NINJA_WORDS="expected ';'")
        self.assert_fails(done, 70, "expected ';'")
        self.assertEqual((done.out, self.calls("bench")), ("", []))

    def test_names_a_temporary_folder_that_cannot_be_written(self):
        self.bench()
        self.forget_calls()
        self.assert_fails(self.bench(TMPDIR="/proc/x"), 74, "'/proc/x'", "set TMPDIR")
        self.assertEqual(self.calls("bench"), [])

    def test_ends_a_build_when_interrupted(self):
        for name, code in (("INT", 130), ("TERM", 143)):
            with self.subTest(name):
                self.forget_calls()
                process = self.start(self.root / "bench", FAKE_NINJA_WAIT="1")
                self.wait_for(lambda: "ninja waits" in self.calls("ninja"), "ninja never started")
                process.send_signal(signal.Signals[f"SIG{name}"])
                process.out, process.err = process.communicate(timeout=20)
                self.assert_fails(process, code, "Interrupted")
                self.assertIn("ninja ended", self.calls("ninja"))
                self.assertEqual(self.calls("bench"), [])

    def test_says_that_stdout_is_closed_before_it_builds(self):
        done = self.run_script(self.bin / "bash", "-c", 'exec "$0" >&-', self.root / "bench")
        self.assert_fails(done, 74, "stdout is closed")
        self.assertFalse(self.log.exists())

    def test_keeps_files_off_the_numbers_of_closed_streams(self):
        self.bench()
        done = self.run_script(self.bin / "bash", "-c", 'exec "$0" <&- 2>&-', self.root / "bench",
                               FAKE_RUN=str(self.run_folder))
        self.assertEqual((done.returncode, done.out), (0, "a table\n"))
        self.assertEqual((self.run_folder / "report.md").read_text(), "# Report\n")

    def test_tells_the_program_where_the_checkout_is(self):
        self.bench()
        self.assertEqual(self.calls("root"), [f"root {self.root}"])

    def test_says_before_it_builds_that_the_run_has_no_place(self):
        for flags in ([], ["--benchmark_filter=Exp"], ["--benchmark_out=/x"]):
            done = self.run_script(self.root / "bench", *flags, cwd="/proc")
            self.assert_fails(done, 74, "'/proc/results' cannot be written", "--out=DIR")
        self.assertFalse(self.log.exists())
        for flag in ("--out=x", "--help", "--version", "--describe", "--benchmark_list_tests"):
            self.assertEqual(self.run_script(self.root / "bench", flag, cwd="/proc").returncode, 0, flag)

    def test_takes_the_program_along_when_it_is_killed_and_leaves_no_file(self):
        process = self.started(FAKE_RUN=str(self.run_folder), FAKE_WAIT="handler")
        process.kill()
        process.communicate(timeout=20)
        self.wait_for(lambda: self.calls("bench")[-1] == "bench got TERM", "the program went on")
        self.wait_for(lambda: not list(self.folder.glob("tmp.*")), "the temporary file was left")

    def test_leaves_nothing_half_written_when_the_report_is_interrupted(self):
        for name, code in (("INT", 130), ("TERM", 143)):
            with self.subTest(name):
                self.forget_calls()
                process = self.start(self.root / "bench", FAKE_RUN=str(self.run_folder), FAKE_REPORT_WAIT="1")
                self.wait_for(lambda: "bench-report waits" in self.calls("bench-report"), "no report was begun")
                self.assertEqual(len(list(self.run_folder.glob("*.partial"))), 1)
                os.killpg(process.pid, signal.Signals[f"SIG{name}"])
                _, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, code, err)
                self.assertEqual(list(self.run_folder.glob("*.partial")), [])

    def test_leaves_no_temporary_file(self):
        self.bench(FAKE_RUN=str(self.run_folder))
        self.assertEqual(list(self.folder.glob("tmp.*")), [])

    def test_hands_signals_to_the_program_and_reports_before_it_ends(self):
        for name, code in (("INT", 130), ("TERM", 143)):
            with self.subTest(name):
                self.forget_calls()
                process = self.started(FAKE_RUN=str(self.run_folder), FAKE_WAIT="handler")
                process.send_signal(signal.Signals[f"SIG{name}"])
                _, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, code, err)
                self.assertEqual(self.calls("bench")[-1], f"bench got {name}")
                self.assert_reported()

    def test_ends_as_the_program_does_when_ctrl_c_reaches_both(self):
        for _ in range(5):
            self.forget_calls()
            process = self.started(FAKE_RUN=str(self.run_folder), FAKE_WAIT="handler", FAKE_CODE="30")
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 30, err)
            self.assert_reported()

    def test_waits_for_a_program_that_takes_its_time_to_end(self):
        process = self.started(FAKE_RUN=str(self.run_folder), FAKE_WAIT="handler", FAKE_END_SECONDS="0.5")
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assert_reported()

    def test_interrupts_a_program_that_has_no_handler_yet(self):
        process = self.started(FAKE_WAIT="no handler")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(self.calls("bench-report"), [])

    def test_works_through_a_link_and_from_another_folder(self):
        link = self.folder / "link"
        link.symlink_to("check out/bench")
        caller = self.folder / "caller"
        caller.mkdir()
        done = self.run_script(link, "--out=runs/1", cwd=caller, FAKE_RUN="runs/1")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertTrue((caller / "runs/1/report.md").is_file())
        self.assertEqual(list(self.root.glob("runs")), [])

    def test_bench_report_builds_itself_without_torch(self):
        done = self.run_script(self.root / "bench-report", "run 1", "-o", str(self.folder / "x.md"))
        self.assertEqual((done.returncode, done.out), (0, ""), done.err)
        self.assertEqual(self.calls("bench-report")[0], "bench-report <run 1>")
        self.assertEqual(self.calls("pip"), [])
        self.assertIn("--preset report-only", self.calls("cmake")[0])

    def test_bench_report_takes_the_one_built_beside_bench(self):
        self.bench()
        self.forget_calls()
        done = self.run_script(self.root / "bench-report", "run", FAKE_REPORT_CODE="65")
        self.assertEqual(done.returncode, 65, done.err)
        self.assertEqual(self.calls("cmake"), [])
        self.assertTrue(self.calls("ninja")[0].endswith(f"-C {self.root}/build/release bench-report"))

    def test_bench_report_waits_for_a_bench_that_builds(self):
        self.bench()
        self.forget_calls()
        building = self.start(self.root / "bench", FAKE_NINJA_WAIT="1")
        self.wait_for(lambda: "ninja waits" in self.calls("ninja"), "ninja never started")
        report = self.start(self.root / "bench-report", "run")
        self.assertIn("another build is at work", report.stderr.readline())
        self.assertEqual(self.calls("ninja").count("ninja waits"), 1)
        building.terminate()
        building.communicate(timeout=20)
        report.communicate(timeout=20)
        self.assertEqual(report.returncode, 0)

    def test_bench_report_gives_the_words_of_a_build_that_failed_beside_bench(self):
        self.bench()
        self.forget_calls()
        done = self.run_script(self.root / "bench-report", "run", FAKE_NINJA_WORDS="expected ';'")
        self.assert_fails(done, 70, "expected ';'")
        self.assertEqual(len(self.calls("ninja")), 1)

    def test_bench_report_installs_no_torch_for_a_tier_that_has_none(self):
        self.bench()
        self.forget_calls()
        done = self.run_script(self.root / "bench-report", "run", TRAINBENCH_TIER="cuda")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(self.calls("pip"), [])
        self.assertTrue(self.calls("ninja")[0].endswith(f"-C {self.root}/build/report-only bench-report"))

    def test_bench_report_says_that_stdout_is_closed(self):
        done = self.run_script(self.bin / "bash", "-c", 'exec "$0" run >&-', self.root / "bench-report")
        self.assert_fails(done, 74, "stdout is closed")

    def test_bench_report_passes_on_that_the_build_failed(self):
        done = self.run_script(self.root / "bench-report", "run", FAKE_NINJA_WORDS="expected ';'")
        self.assert_fails(done, 70, "expected ';'")


if __name__ == "__main__":
    unittest.main()
