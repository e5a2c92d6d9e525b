#!/usr/bin/env python3
"""Tests of ci/measure_gate with a bench-report whose answers are made up."""
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "ci" / "measure_gate"
# Answers as bench-report gate does: one pair of a second a process, of which 0.5 s are steps.
FAKE = """#!/usr/bin/env python3
import json, os, pathlib, sys
flags = dict(a.lstrip("-").split("=", 1) for a in sys.argv[2:] if "=" in a)
pathlib.Path(__file__).with_name("calls").open("a").write(flags["out"] + "\\n")
slow = "slow" in pathlib.Path(flags["contender"]).name
answer = json.loads(os.environ.get("ANSWER", "{}"))
verdict = answer.get("slow" if slow else "identical", "REGRESSED" if slow else "EQUIVALENT")
for side in ("baseline", "contender"):
    folder = pathlib.Path(flags["out"]) / side / "pair-01"
    folder.mkdir(parents=True)
    metrics = {"steps": 8, "warmup_steps": 2, "step_time_ms": 50} if "status" not in answer else {}
    case = {"status": answer.get("status", "ok"), "metrics": metrics}
    (folder / "journal.ndjson").write_text(json.dumps({"case": case}) + "\\n")
print(f"bench-report: pair 1 of at most 20: {answer.get('pair_seconds', 2.0)} s", file=sys.stderr)
code = answer.get("code", 10 if verdict == "REGRESSED" else 0)
if code != 70:
    rows = [{"metric": "step_time_ms", "gated": True, "verdict": verdict}]
    pathlib.Path(flags["output"]).write_text(json.dumps({"exit_code": code, "rows": rows}))
sys.exit(code)
"""


class MeasureGate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="trainbench test ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.report = self.folder / "bench-report"
        self.report.write_text(FAKE)
        self.report.chmod(0o755)

    def run_script(self, *flags, answer="{}"):
        return subprocess.run([SCRIPT, f"--report={self.report}", "--bench=/bin/true", f"--out={self.folder / 'out'}",
                               *flags], capture_output=True, text=True, check=False,
                              env={"ANSWER": answer, "PATH": "/usr/bin:/bin"})

    def calls(self):
        calls = self.folder / "calls"
        return [pathlib.Path(line).name for line in calls.read_text().splitlines()] if calls.exists() else []

    def test_a_dry_run_prints_the_commands_and_runs_nothing(self):
        script = self.run_script("--dry-run", "--gates=2")
        self.assertEqual(script.returncode, 0, script.stderr)
        self.assertEqual(len(script.stdout.splitlines()), 6)
        self.assertIn("--always_time --steps=8 --warmup_steps=2 --benchmark_filter=Exp1", script.stdout)
        self.assertEqual(self.calls(), [])
        self.assertFalse((self.folder / "out").exists())

    def test_the_table_says_what_was_found_and_what_a_process_costs(self):
        script = self.run_script("--gates=2")
        self.assertEqual(script.returncode, 0, script.stderr)
        self.assertIn("| identical | 2 of 2 | 2 | 2 of 2 | 1.0 | 0.50 s, 0.50 s | yes |", script.stdout)
        self.assertIn("| slow:5 | 2 of 2 | 2 | 2 of 2 |", script.stdout)
        self.assertEqual((self.folder / "out" / "table.md").read_text(), script.stdout)
        wrapper = (self.folder / "out" / "bench-slow-5").read_text()
        self.assertIn("/bin/true --inject=slow:5 \"$@\"", wrapper)

    def test_a_false_finding_a_missed_fault_and_a_slow_process_miss_the_bar(self):
        for answer, row in (('{"identical": "IMPROVED"}', "| identical | 1 of 1 | 0 |"),
                            ('{"slow": "INCONCLUSIVE"}', "| slow:10 | 1 of 1 | 0 |"),
                            ('{"pair_seconds": 6.0}', "2.50 s, 2.50 s | NO |")):
            script = self.run_script("--gates=1", f"--out={self.folder / row.replace('|', '')}", answer=answer)
            self.assertEqual(script.returncode, 10, script.stderr)
            self.assertIn(row, script.stdout)

    def test_a_failed_process_is_a_wrong_answer_and_has_no_overhead(self):
        script = self.run_script("--only=identical", "--gates=1", answer='{"code": 13, "status": "failed"}')
        self.assertEqual(script.returncode, 10, script.stderr)
        self.assertIn("| identical | 1 of 1 | 0 |", script.stdout)

    def test_it_goes_on_with_the_gates_that_are_not_there(self):
        broken = self.run_script("--only=identical", "--gates=2", answer='{"code": 70}')
        self.assertEqual(broken.returncode, 30)
        self.assertIn("identical-01 ended with 70 and no answer", broken.stderr)
        self.run_script("--only=identical", "--gates=1")
        self.run_script("--only=identical", "--gates=2")
        self.assertEqual(self.calls(), ["identical-01", "identical-01", "identical-02"])

    def test_an_interrupted_gate_does_not_count(self):
        self.assertEqual(self.run_script("--only=identical", "--gates=1", answer='{"code": 143}').returncode, 30)

    def test_wrong_usage_is_64_and_a_missing_program_69(self):
        self.assertEqual(self.run_script("--only=fast").returncode, 64)
        self.assertEqual(self.run_script("--gates=0").returncode, 64)
        self.assertEqual(self.run_script("--frobnicate").returncode, 64)
        self.report.unlink()
        self.assertEqual(self.run_script().returncode, 69)


if __name__ == "__main__":
    unittest.main()
