#!/usr/bin/env python3
"""Tests of ci/bisect in real git repositories, whose program becomes slower at a commit."""
import signal
import unittest

from git_world import BENCH_REPORT, ROOT, GitTest

SCRIPT = ROOT / "ci" / "bisect"
# What a build makes: a program that writes a result of Google Benchmark.
PROGRAM = """#!/bin/sh
for word; do
  case $word in
    --benchmark_list_tests*) echo BM_step; exit ;;
    --benchmark_out=*) out=${word#*=} ;;
  esac
done
time=NANOSECONDS.$(($$ % 10))
printf '{"context":{"date":"2026-11-25T10:00:00+00:00","num_cpus":2},"benchmarks":[{"name":"BM_step",
"run_name":"BM_step","run_type":"iteration","repetitions":1,"repetition_index":0,"threads":1,"iterations":9,
"real_time":%s,"cpu_time":%s,"time_unit":"ns"}]}' "$time" "$time" >"$out"
"""
BUILD = """#!/bin/sh
[ ! -e broken ] || exit 3
mkdir -p build && cp step.sh build/step && echo built >>"$BUILDS"
"""
# Compares the numbers in the programs.
FAKE = """#!/bin/bash
for word; do
  case $word in
    --base=*) base=$(sed -n 's/^time=\\([0-9]*\\).*/\\1/p' "${word#*=}") ;;
    --contender=*) contender=$(sed -n 's/^time=\\([0-9]*\\).*/\\1/p' "${word#*=}") ;;
  esac
done
echo "$*" >>"$CALLS"
[ -z "${WAIT:-}" ] || { touch "$WAIT"; sleep 20; }
[ -z "${GATE_CODE:-}" ] || exit "$GATE_CODE"
[ "$contender" -le "$base" ] || exit 10
"""


class Bisect(GitTest):
    def setUp(self):
        super().setUp()
        self.report = self.program("bench-report", FAKE)
        self.environment |= {"CALLS": str(self.folder / "calls"), "BUILDS": str(self.folder / "builds")}
        self.tree = self.copied("repository", self.make_commits)
        self.commits = self.git(self.tree, "rev-list", "--reverse", "main").split()

    def make_commits(self, tree):
        """Eight: the fourth does not build, and the sixth is slower."""
        self.repository(tree)
        for number in range(1, 9):
            files = {"number": f"{number}\n", "make": BUILD, ".gitignore": "build\n",
                     "step.sh": PROGRAM.replace("NANOSECONDS", "110" if number >= 6 else "100")}
            if number == 4:
                files["broken"] = "yes\n"
            elif number == 5:
                (tree / "broken").unlink()
            self.commit(tree, files, f"Number {number}")

    def at(self, number):
        self.git(self.tree, "checkout", "--quiet", "--detach", self.commits[number - 1])

    def options(self, *more, report=None):
        return [f"--report={report or self.report}", f"--good={self.commits[0]}", "--program=build/step", *more,
                "--", "./make"]

    def bisect(self, *more, **environment):
        return self.run_script(SCRIPT, *self.options(*more), cwd=self.tree, **environment)

    def found(self, report=None):
        self.git(self.tree, "bisect", "start", self.commits[7], self.commits[0])
        done = self.run_script("git", "bisect", "run", SCRIPT, *self.options(report=report), cwd=self.tree)
        self.assertEqual(done.returncode, 0, done.err)
        return self.git(self.tree, "rev-parse", "refs/bisect/bad")

    def builds(self):
        return len((self.folder / "builds").read_text().split())

    def test_git_bisect_run_finds_the_commit_that_made_it_slower(self):
        self.assertEqual(self.found(), self.commits[5])

    @unittest.skipUnless(BENCH_REPORT, "no bench-report is built here")
    def test_git_bisect_run_finds_it_with_the_built_bench_report(self):
        self.assertEqual(self.found(report=BENCH_REPORT), self.commits[5])

    def test_a_commit_is_good_bad_or_skipped(self):
        for number, code in ((1, 0), (3, 0), (4, 125), (5, 0), (6, 10), (8, 10)):
            self.at(number)
            self.assertEqual(self.bisect().returncode, code, number)

    def test_a_program_that_an_earlier_commit_left_is_not_judged(self):
        self.at(3)
        self.bisect()
        self.at(4)
        self.assert_fails(self.bisect(), 125, "does not build: skipped")
        self.assertFalse((self.tree / "build" / "step").exists())

    def test_a_commit_whose_build_makes_no_program_is_skipped(self):
        self.at(8)
        good = self.program("good step", PROGRAM.replace("NANOSECONDS", "105"))
        done = self.run_script(SCRIPT, f"--report={self.report}", f"--good={good}", "--program=build/step", "--", "true",
                               cwd=self.tree)
        self.assert_fails(done, 125, "builds no 'build/step': skipped")

    def test_a_build_sees_its_own_commit_whatever_git_works_on(self):
        self.at(3)
        make = 'mkdir -p build && cp step.sh build/step && git rev-parse HEAD >>"$BUILDS"'
        self.run_script(SCRIPT, *self.options()[:-1], "sh", "-c", make, cwd=self.tree, GIT_DIR=str(self.tree / ".git"))
        self.assertEqual((self.folder / "builds").read_text().split(), [self.commits[0], self.commits[2]])

    def test_the_good_commit_is_built_once(self):
        for number in (3, 5, 6):
            self.at(number)
            self.bisect()
        self.assertEqual(self.builds(), 4)

    def test_a_new_bisection_builds_the_good_commit_anew(self):
        self.at(3)
        self.bisect()
        self.git(self.tree, "bisect", "start", self.commits[7], self.commits[0])
        self.at(8)
        self.bisect()
        self.assertEqual(self.builds(), 4)
        self.assertEqual(len(self.git(self.tree, "worktree", "list").splitlines()), 2)

    def test_a_good_program_may_be_given_instead(self):
        good = self.program("good step", PROGRAM.replace("NANOSECONDS", "105"))
        for number, code in ((5, 0), (6, 10)):
            self.at(number)
            done = self.run_script(SCRIPT, f"--report={self.report}", f"--good={good}", "--program=build/step", "--",
                                   "./make", cwd=self.tree)
            self.assertEqual(done.returncode, code, done.err)
        self.assertEqual(self.builds(), 2)

    def test_a_good_program_that_the_build_would_replace_is_refused_and_stays(self):
        self.at(8)
        place = self.tree / "build" / "step"
        place.parent.mkdir(exist_ok=True)
        place.write_text("good")
        done = self.run_script(SCRIPT, f"--report={self.report}", f"--good={place}", "--program=build/step", "--",
                               "./make", cwd=self.tree)
        self.assert_fails(done, 128, "copy it elsewhere first")
        self.assertEqual(place.read_text(), "good")

    def test_a_program_that_cannot_be_removed_ends_the_bisection(self):
        self.at(8)
        (self.tree / "build" / "step").mkdir(parents=True)
        self.assert_fails(self.bisect(), 128, "Cannot remove 'build/step'")

    def test_what_the_gate_cannot_tell_is_skipped_and_a_wrong_call_or_an_interruption_ends_it(self):
        self.at(8)
        for gate, code in ((11, 125), (12, 125), (13, 125), (64, 128), (74, 128), (130, 130), (143, 143)):
            self.assertEqual(self.bisect(GATE_CODE=str(gate)).returncode, code, gate)

    def test_an_interruption_of_the_script_ends_the_bisection(self):
        self.at(8)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            waits = self.folder / f"waits {code}"
            process = self.start(SCRIPT, *self.options(), cwd=self.tree, WAIT=str(waits))
            self.wait_for(waits.exists, "the gate never started")
            self.assertEqual(self.end_group(process, number).returncode, code, process.err)

    def test_the_filter_and_other_flags_reach_the_gate_and_undecided_is_no_answer(self):
        self.at(3)
        self.bisect("--filter=BM_step|a b", "--max_minutes=5")
        call, = (self.folder / "calls").read_text().splitlines()
        self.assertIn("--max_minutes=5 --benchmark_filter=BM_step|a b --fail_on_inconclusive --require_power", call)

    def test_it_ends_the_bisection_where_it_cannot_work_at_all(self):
        self.at(3)
        self.assert_fails(self.run_script(SCRIPT, cwd=self.tree), 128, "What is good?")
        self.assert_fails(self.bisect("loose"), 128, "'loose' is no flag")
        self.assert_fails(self.bisect("--good=nothing"), 128, "'nothing' is neither a commit nor a program")
        self.assert_fails(self.bisect(f"--good={self.commits[3]}"), 128, "does not build")
        self.assert_fails(self.bisect("--program=/build/step"), 128, "is absolute")
        self.assert_fails(self.bisect("--program=build/other"), 128, "builds no 'build/other'")
        self.assert_fails(self.run_script(SCRIPT, *self.options(), cwd=self.folder), 128, "in no git repository")


if __name__ == "__main__":
    unittest.main()
