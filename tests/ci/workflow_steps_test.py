#!/usr/bin/env python3
"""Tests of the shell steps of the workflows in ci/github and ci/gitlab, run with made-up programs."""
import unittest

from workflow_world import PIPELINE, StepTest, pipeline_jobs, step_named


class Gate(StepTest):
    REPORT = """#!/bin/bash
printf '<%s>\\n' "$@" >>"$LOG"
while [ $# -gt 0 ]; do
  [ "$1" != -o ] || output=$2
  shift
done
echo "bench-report: words" >&2
if [ -z "${SAYS_NOTHING:-}" ]; then
  echo "# Answer" >"$output"
  echo "# Answer" >>"$GITHUB_STEP_SUMMARY"
fi
exit "${CODE:-0}"
"""

    def gate(self, **environment):
        report = self.program("bench-report", self.REPORT)
        inputs = {"REPORT": str(report), "BASE": "base/step", "CONTENDER": "head/step", "FILTER": "", "MAX_MINUTES": "",
                  "POLICY": "", "FLAGS": "", "OUTPUT": "bench-report.md"}
        return self.run_step("gate", "Gate", **(inputs | environment))

    def test_the_answer_goes_into_the_file_and_once_into_the_summary(self):
        done = self.gate()
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual((self.work / "bench-report.md").read_text(), "# Answer\n")
        self.assertEqual(self.text("summary"), "# Answer\n")
        self.assertEqual(self.outputs()["verdict"], "PASSED")
        self.assertEqual(self.outputs()["exit-code"], "0")
        self.assertIn(f"<--out={self.outputs()['results']}>", self.text("log"))

    def test_the_step_ends_as_the_gate_did_and_names_the_verdict(self):
        for code, verdict in ((10, "REGRESSED"), (11, "UNDECIDED"), (12, "MISSING"), (13, "INVALID"),
                              (22, "NO_BASELINE"), (20, "ERROR"), (70, "ERROR"), (143, "ERROR")):
            self.assertEqual(self.gate(CODE=str(code)).returncode, code)
            self.assertEqual(self.outputs()["verdict"], verdict)
            self.assertEqual(self.outputs()["exit-code"], str(code))

    def test_what_was_said_instead_of_an_answer_is_the_answer(self):
        (self.work / "bench-report.md").write_text("an older answer\n")
        self.assertEqual(self.gate(CODE="20", SAYS_NOTHING="1").returncode, 20)
        answer = (self.work / "bench-report.md").read_text()
        self.assertEqual(answer, "**ERROR** (exit code 20)\n\n    bench-report: words\n")
        self.assertEqual(self.text("summary"), answer)

    def test_every_input_arrives_as_one_word_and_none_is_run(self):
        self.gate(FILTER="BM_a b|$(touch pwned)", MAX_MINUTES="5", POLICY="a policy.json",
                  FLAGS="--seed=7\n\n--benchmark_context=x=`touch pwned` y\n", BASE="base dir/step")
        self.assertEqual(self.text("log").splitlines(), [
            "<gate>", "<--base=base dir/step>", "<--contender=head/step>", f"<--out={self.outputs()['results']}>", "<-o>",
            "<bench-report.md>", "<--benchmark_filter=BM_a b|$(touch pwned)>", "<--max_minutes=5>",
            "<--policy=a policy.json>", "<--seed=7>", "<--benchmark_context=x=`touch pwned` y>"])
        self.assertFalse((self.work / "pwned").exists())

    def test_two_gates_of_one_job_have_folders_of_their_own(self):
        self.gate()
        first = self.outputs()["results"]
        self.gate()
        self.assertNotEqual(self.outputs()["results"], first)

    def test_bench_report_is_built_from_the_actions_own_repository_unless_one_is_given(self):
        self.program("repository/ci/build", "#!/bin/sh\necho \"$@\" >>\"$LOG\"\necho '/built here'\n")
        action = self.folder / "repository" / "ci" / "github" / "gate"
        action.mkdir(parents=True)
        self.run_step("gate", "Build bench-report", REPORT="", GITHUB_ACTION_PATH=str(action))
        self.assertEqual(self.outputs()["report"], "/built here/bench-report")
        self.assertEqual(self.text("log"), "report-only bench-report\n")
        self.run_step("gate", "Build bench-report", REPORT="mine", GITHUB_ACTION_PATH=str(action))
        self.assertEqual(self.outputs()["report"], "mine")
        self.assertEqual(self.text("log"), "report-only bench-report\n")


class PullRequest(StepTest):
    MAKE = "#!/bin/sh\n[ ! -e broken ] || exit 1\nmkdir -p build\ncp source build/step\n"

    def setUp(self):
        super().setUp()
        project = self.repository("project")
        self.base = self.commit(project, {"source": "old\n", "make": self.MAKE})
        self.git(project, "checkout", "--quiet", "-b", "work")
        self.commit(project, {"source": "new\n"})
        self.git(project, "checkout", "--quiet", "main")
        self.main = self.commit(project, {"source": "newer on main\n"})
        self.project = project

    def build(self, branch="work", target=None):
        self.git(self.project, "checkout", "--quiet", branch)
        self.run_script("git", "clone", "--quiet", self.project, self.work / "head")
        return self.run_step("pull-request", "Build both", TARGET_SHA=target or self.main, BUILD="./make",
                             PROGRAM="build/step", POLICY="ci/policy.json")

    def test_the_merge_base_and_the_newest_commit_are_built(self):
        done = self.build()
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual((self.work / "base/build/step").read_text(), "old\n")
        self.assertEqual((self.work / "head/build/step").read_text(), "new\n")
        self.assertEqual(self.git(self.work / "base", "rev-parse", "HEAD"), self.base)
        self.assertEqual(self.outputs(), {})

    def test_the_pull_requests_policy_is_used_where_it_has_one(self):
        self.git(self.project, "checkout", "--quiet", "work")
        self.commit(self.project, {"ci/policy.json": "{}\n"})
        self.build()
        self.assertEqual(self.outputs(), {"policy": "head/ci/policy.json"})

    def test_a_merge_base_that_cannot_be_built_is_no_baseline(self):
        self.commit(self.project, {"broken": "yes\n"})
        broken = self.git(self.project, "rev-parse", "HEAD")
        self.git(self.project, "checkout", "--quiet", "-b", "repair")
        (self.project / "broken").unlink()
        self.commit(self.project, {"source": "repaired\n"})
        done = self.build("repair", target=broken)
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("::warning title=No baseline::", done.out)
        self.assertFalse((self.work / "base/build/step").exists())
        self.assertTrue((self.work / "head/build/step").exists())

    def test_a_pull_request_that_cannot_be_built_fails(self):
        self.git(self.project, "checkout", "--quiet", "work")
        self.commit(self.project, {"broken": "yes\n"})
        self.assertNotEqual(self.build().returncode, 0)


class Main(StepTest):
    def test_the_run_writes_what_is_recorded(self):
        self.program("work/step", "#!/bin/sh\nprintf '<%s>\\n' \"$@\" >>\"$LOG\"\nexit \"${CODE:-0}\"\n")
        self.program("work/bench-report/ci/push_history", "#!/bin/sh\nprintf '<%s>\\n' \"$@\" >>\"$LOG\"\n")
        environment = {"PROGRAM": "./step", "FILTER": "BM_a b", "REPETITIONS": "5"}
        self.assertEqual(self.run_step("main", "Run", CODE="3", **environment).returncode, 3)
        self.assertEqual(self.run_step("main", "Record").returncode, 0)
        result = f"{self.temporary}/benchmark.json"
        self.assertEqual(self.text("log").splitlines(), [
            "<--benchmark_filter=BM_a b>", "<--benchmark_repetitions=5>", f"<--benchmark_out={result}>",
            "<--benchmark_out_format=json>", f"<{result}>"])

    def test_the_build_command_ends_at_its_first_failure(self):
        self.assertEqual(self.run_step("main", "Build", BUILD="false | true; touch built").returncode, 1)
        self.assertFalse((self.work / "built").exists())

    def test_a_run_that_failed_is_recorded_and_one_that_never_began_is_not(self):
        self.assertEqual(step_named("main", "Record")["if"], "always() && steps.run.outcome != 'skipped'")


class Pipeline(StepTest):
    def setUp(self):
        super().setUp()
        self.program("bin/apt-get", "#!/bin/sh\n")
        report = self.repository("report")
        say = "#!/bin/sh\nprintf '<%s>\\n' \"$@\" >>\"$LOG\"\n"
        self.commit(report, {"bench-report": say + "echo '# Answer' >\"$GITHUB_STEP_SUMMARY\"\nexit \"${CODE:-0}\"\n",
                             "ci/push_history": say})
        self.work = self.repository("work")
        self.base = self.commit(self.work, {"source": "old\n", "ci/policy.json": "{}\n", "make": PullRequest.MAKE})
        step = "#!/bin/sh\nprintf '<%s>\\n' \"$@\" >>\"$LOG\"\nexit 3\n"
        self.head = self.commit(self.work, {"source": step})
        self.environment |= {
            "BENCH_REPORT_REPOSITORY": str(report), "BENCH_REPORT_REF": "main", "BENCH_BUILD": "./make",
            "BENCH_PROGRAM": "build/step", "BENCH_FILTER": "BM_a b", "BENCH_MAX_MINUTES": "5", "BENCH_REPETITIONS": "4",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base, "CI_COMMIT_SHA": self.head, "CI_SERVER_PROTOCOL": "https",
            "CI_SERVER_FQDN": "gitlab.example.org", "CI_PROJECT_PATH": "us/project"}

    def job(self, name, **environment):
        (self.folder / "log").unlink(missing_ok=True)
        script = self.folder / "job.sh"
        script.write_text(dict(pipeline_jobs())[name])
        return self.run_script("sh", "-e", script, cwd=self.work, **environment)

    def test_a_merge_request_is_gated_against_its_merge_base(self):
        for _ in range(2):
            done = self.job("bench-gate")
            self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual((self.work / ".bench/base/build/step").read_text(), "old\n")
        self.assertEqual(self.text("log").splitlines(), [
            "<gate>", "<--base=.bench/base/build/step>", "<--contender=.bench/head/build/step>", "<--allow_no_baseline>",
            "<--benchmark_filter=BM_a b>", "<--max_minutes=5>", "<--out=.bench/results>",
            "<--policy=.bench/head/ci/policy.json>", "<--format=junit>", "<-o>", "<bench-report.xml>"])
        self.assertEqual((self.work / "bench-report.md").read_text(), "# Answer\n")
        self.assertEqual(PIPELINE["bench-gate"]["artifacts"]["reports"]["junit"], "bench-report.xml")
        self.assertEqual(self.job("bench-gate", CODE="10").returncode, 10)

    def test_the_history_is_pushed_even_of_a_run_that_failed(self):
        done = self.job("bench-history")
        self.assertEqual(done.returncode, 3, done.err)
        self.assertEqual(self.text("log").splitlines(), [
            "<--benchmark_filter=BM_a b>", "<--benchmark_repetitions=4>", "<--benchmark_out=.bench/benchmark.json>",
            "<--benchmark_out_format=json>", "<--remote=origin>", "<.bench/benchmark.json>"])

    def test_a_token_of_the_project_is_used_where_there_is_one(self):
        self.job("bench-history", BENCH_HISTORY_TOKEN="secret")
        self.assertIn("<--remote=https://bench-history:secret@gitlab.example.org/us/project.git>", self.text("log"))


if __name__ == "__main__":
    unittest.main()
