#!/usr/bin/env python3
"""Tests of ci/own_gate with made-up runs, with the real bench-report and with one whose exit code is given."""
import json
import unittest

from git_world import BENCH_REPORT, ROOT, GitTest

SCRIPT = ROOT / "ci" / "own_gate"
NO_BASELINE = 22
COUNTS = {"ops_per_step": 2025, "allocations_per_step": 724, "peak_allocated_mib": 50.02759552001953,
          "flops_per_image": 217282560, "step_time_ms": 340.5}


class OwnGate(GitTest):
    def setUp(self):
        super().setUp()
        self.history = self.folder / "history"
        self.num_runs = 0

    def run_folder(self, metrics, benchmark="Exp1", machine="here", commit="0" * 40, minute=0, status="ok"):
        self.num_runs += 1
        folder = self.folder / f"run {self.num_runs}"
        folder.mkdir()
        lines = [{"journal": 1, "run": {"id": f"run-{self.num_runs}", "started_utc": f"2026-11-25T10:{minute:02}:00Z",
                                        "commit": commit[:12], "preset": "smoke", "machine": {"cpu": machine},
                                        "planned_cases": 2}}]
        for name, state, values in ((benchmark, status, metrics), ("Exp3", "skipped", {})):
            lines.append({"case": {"benchmark": name, "repetition": 0, "seed": 1, "status": state,
                                   "reason": "no GPU", "metrics": values, "measurement": {"threads": "1"}}})
        lines.append({"end": {"exit_code": 0}})
        (folder / "journal.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return folder

    def keep(self, metrics, branch="main", repository=None, **run):
        added = self.run_script(BENCH_REPORT, "history", "add", f"--history={self.history}", f"--branch={branch}",
                                f"--repository={repository or self.folder}", self.run_folder(metrics, **run))
        self.assertEqual(added.returncode, 0, added.err)

    def gate(self, metrics, report=BENCH_REPORT, **run):
        return self.run_script(SCRIPT, f"--report={report}", f"--history={self.history}",
                               self.run_folder(metrics, **run))


class WithAMadeUpReport(OwnGate):
    def test_its_answer_is_the_answer_where_it_knows_the_machine(self):
        for code in (0, 10, 12, 13, 20, 21):
            report = self.program("bench-report", f"#!/bin/sh\necho \"$@\" >'{self.folder}/call'\nexit {code}\n")
            self.assertEqual(self.gate(COUNTS, report=report).returncode, code)
        call = (self.folder / "call").read_text()
        self.assertIn(f"compare --history={self.history} --policy={ROOT}/ci/own_policy.json", call)

    def test_a_history_that_cannot_be_exported_ends_it_with_that_code(self):
        report = self.program("bench-report", f"#!/bin/sh\n[ $1 != history ] || exit 74\nexit {NO_BASELINE}\n")
        self.assert_fails(self.gate(COUNTS, report=report), 74, "could not be read")

    def test_a_run_that_is_none_is_named(self):
        report = self.program("bench-report", f"#!/bin/sh\nexit {NO_BASELINE}\n")
        done = self.run_script(SCRIPT, f"--report={report}", self.folder)
        self.assert_fails(done, 21, f"'{self.folder}/journal.ndjson' cannot be read")
        for text in ("{", "[]\n"):
            (self.folder / "journal.ndjson").write_text(text)
            self.assert_fails(self.run_script(SCRIPT, f"--report={report}", self.folder), 21, "cannot be read")

    def test_wrong_usage_is_64_and_a_missing_bench_report_69(self):
        self.assert_fails(self.run_script(SCRIPT, "--frobnicate"), 64, "--frobnicate")
        self.assert_fails(self.run_script(SCRIPT, "--report=/gone/bench-report"), 69,
                          "'/gone/bench-report' cannot be started")


@unittest.skipUnless(BENCH_REPORT, "no bench-report is built here")
class OnTheMachineOfTheHistory(OwnGate):
    def test_every_count_is_gated_and_nothing_that_has_noise(self):
        self.keep(COUNTS)
        self.assertEqual(self.gate(COUNTS | {"ops_per_step": 2000, "step_time_ms": 900}).returncode, 0)
        for metric, value in (("ops_per_step", 2026), ("allocations_per_step", 725), ("peak_allocated_mib", 50.1),
                              ("flops_per_image", 217282561), ("flops_per_image", 217282559)):
            self.assertEqual(self.gate(COUNTS | {metric: value}).returncode, 10, metric)

    def test_a_count_that_is_no_longer_there_is_missing(self):
        self.keep(COUNTS)
        self.assertEqual(self.gate({"ops_per_step": 2025, "flops_per_image": 217282560}).returncode, 12)


@unittest.skipUnless(BENCH_REPORT, "no bench-report is built here")
class OnAnotherMachine(OwnGate):
    def gate(self, metrics, **run):
        gate = super().gate(metrics, machine="elsewhere", **run)
        if gate.returncode in (0, 10):
            self.assertIn("compared with those of other machines", gate.out)
        return gate

    def test_equal_and_smaller_numbers_of_operators_pass(self):
        self.keep(COUNTS)
        self.assertEqual(self.gate(COUNTS).returncode, 0)
        self.assertEqual(self.gate(COUNTS | {"ops_per_step": 2000}).returncode, 0)

    def test_more_operators_and_any_other_number_of_flop_are_found(self):
        self.keep(COUNTS)
        for metric, value in (("ops_per_step", 2026), ("flops_per_image", 217282561), ("flops_per_image", 217282559)):
            gate = self.gate(COUNTS | {metric: value})
            self.assertEqual(gate.returncode, 10, metric)
            self.assertIn(f"WORSE: Exp1 {metric}", gate.out)
            self.assertIn("1 of 2 counts became worse", gate.out)

    def test_what_the_processor_decides_is_not_held_against_it(self):
        self.keep(COUNTS)
        gate = self.gate(COUNTS | {"allocations_per_step": 800, "peak_allocated_mib": 75, "step_time_ms": 900})
        self.assertEqual(gate.returncode, 0, gate.out)

    def test_a_benchmark_that_fails_is_worse(self):
        self.keep(COUNTS)
        gate = self.gate(COUNTS, status="failed")
        self.assertEqual(gate.returncode, 10, gate.out)
        self.assertIn("WORSE: Exp1 ops_per_step: 2025", gate.out)
        self.assertIn("missing now", gate.out)

    def test_a_good_repetition_behind_a_failed_one_does_not_hide_it(self):
        self.keep(COUNTS)
        folder = self.run_folder(COUNTS, machine="elsewhere", status="failed")
        journal = folder / "journal.ndjson"
        good = json.dumps({"case": {"benchmark": "Exp1", "repetition": 1, "seed": 2, "status": "ok", "metrics": COUNTS,
                                    "measurement": {"threads": "1"}}})
        *lines, end = journal.read_text().splitlines()
        journal.write_text("\n".join([*lines, good, end]) + "\n")
        gate = self.run_script(SCRIPT, f"--report={BENCH_REPORT}", f"--history={self.history}", folder)
        self.assertEqual(gate.returncode, 10, gate.out + gate.err)

    def test_a_count_that_is_no_longer_there_is_worse(self):
        self.keep(COUNTS)
        gate = self.gate({metric: value for metric, value in COUNTS.items() if metric != "ops_per_step"})
        self.assertEqual(gate.returncode, 10)
        self.assertIn("missing now", gate.out)

    def test_the_newest_run_of_main_is_the_baseline(self):
        tree = self.repository()
        first, second = (self.commit(tree, {"number": number}) for number in "12")
        # The clock went backwards between the two commits.
        self.keep(COUNTS, repository=tree, commit=second, minute=1)
        self.keep(COUNTS | {"ops_per_step": 1000}, repository=tree, commit=first, minute=30)
        self.keep(COUNTS | {"ops_per_step": 1000}, repository=tree, commit=second, minute=0)
        self.keep(COUNTS | {"ops_per_step": 1000}, repository=tree, commit=second, minute=40, branch="try")
        gate = self.gate(COUNTS)
        self.assertEqual(gate.returncode, 0, gate.out)
        self.assertIn(f"2025 in {second[:12]}, 2025 now", gate.out)

    def test_without_anything_to_compare_with_it_does_not_pass(self):
        self.assertEqual(self.gate(COUNTS).returncode, NO_BASELINE)
        self.keep(COUNTS)
        gate = self.gate(COUNTS, benchmark="Exp9")
        self.assert_fails(gate, NO_BASELINE, "has nothing that")

    def test_a_file_that_is_no_run_of_a_history_is_named(self):
        self.keep(COUNTS)
        folder, = self.history.glob("2026-*")
        (folder / "b.ndjson").write_text("{")
        gate = self.gate(COUNTS)
        self.assert_fails(gate, 21, "b.ndjson")


if __name__ == "__main__":
    unittest.main()
