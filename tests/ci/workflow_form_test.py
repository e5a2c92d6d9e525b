#!/usr/bin/env python3
"""Tests of the form of the workflows in ci/github and ci/gitlab."""
import json
import re
import subprocess
import unittest

from workflow_world import ACTION, PIPELINE, WORKFLOWS, jobs, need, pipeline_jobs, shell_steps, step_named, steps

need("shellcheck", "shellcheck")
# What a job may do beyond reading its repository.
WRITES = {"main": {"contents"}, "comment": {"pull-requests"}, "pull-request": set()}


class Form(unittest.TestCase):
    def assert_sound(self, name, shell, script):
        checked = subprocess.run(["shellcheck", f"--shell={shell}", "-"], input=script, text=True, capture_output=True,
                                 check=False)
        self.assertEqual(checked.returncode, 0, f"{name}:\n{checked.stdout}")

    def assert_known(self, name, script, known, provided):
        used = set(re.findall(r"\$\{?([A-Z][A-Z0-9_]*)", script))
        assigned = set(re.findall(r"\b([A-Z][A-Z0-9_]*)=", script))
        unknown = {word for word in used - assigned - set(known) if not re.match(provided, word)}
        self.assertEqual(unknown, set(), name)

    def test_no_text_of_others_is_pasted_into_a_script(self):
        for name, step, _ in shell_steps():
            self.assertNotIn("${{", step["run"], f"{name}: {step['name']}")

    def test_every_script_is_sound(self):
        for name, step, _ in shell_steps():
            self.assertEqual(step["shell"], "bash", name)
            self.assert_sound(f"{name}: {step['name']}", "bash", f"set -eo pipefail\n{step['run']}")
        for name, script in pipeline_jobs():
            self.assert_sound(name, "sh", script)

    def test_every_variable_of_a_script_is_given_to_it(self):
        for name, step, known in shell_steps():
            self.assert_known(f"{name}: {step['name']}", step["run"], known, "GITHUB_|RUNNER_TEMP$")
        for name, script in pipeline_jobs():
            self.assert_known(name, script, PIPELINE["variables"], "CI_|BENCH_HISTORY_TOKEN$")

    def test_every_action_is_pinned_by_its_full_version(self):
        used = [step["uses"] for _, step, _ in steps() if "uses" in step]
        self.assertIn("./bench-report/ci/github/gate", used)
        for action in used:
            self.assertRegex(action, r"^(\./.*|[\w-]+/[\w-]+@v\d+\.\d+\.\d+)$")

    def test_a_job_may_write_what_it_must_and_nothing_else(self):
        self.assertEqual(set(WORKFLOWS), set(WRITES))
        for name, workflow, job in jobs():
            self.assertEqual(workflow["permissions"], {}, name)
            granted = {right for right, level in job["permissions"].items() if level != "read"}
            self.assertEqual(granted, WRITES[name], name)
            self.assertIn("timeout-minutes", job)

    def test_no_code_of_a_pull_request_runs_with_a_right_to_write(self):
        for name, workflow, _ in jobs():
            # YAML 1.1 reads the key `on` as true.
            self.assertNotIn("pull_request_target", json.dumps(workflow[True]), name)
        for _, _, job in (one for one in jobs() if one[0] == "comment"):
            self.assertEqual([step for step in job["steps"] if "uses" in step], [])
            self.assertNotIn("git ", "".join(step["run"] for step in job["steps"]))

    def test_the_comment_follows_the_gate_and_the_gate_is_given_what_it_asks_for(self):
        self.assertEqual(WORKFLOWS["comment"][True]["workflow_run"]["workflows"], [WORKFLOWS["pull-request"]["name"]])
        given = step_named("pull-request", "Gate")["with"]
        self.assertLessEqual(set(given), set(ACTION["inputs"]))
        required = {name for name, entry in ACTION["inputs"].items() if entry.get("required")}
        self.assertLessEqual(required, set(given))

    def test_a_pull_request_keeps_no_credentials(self):
        for step in WORKFLOWS["pull-request"]["jobs"]["gate"]["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                self.assertIs(step["with"]["persist-credentials"], False)


if __name__ == "__main__":
    unittest.main()
