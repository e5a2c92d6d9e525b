#!/usr/bin/env python3
"""Tests of ci/push_history with real git repositories and a bench-report that keeps file names."""
import json
import unittest

from git_world import BENCH_REPORT, ROOT, GitTest

SCRIPT = ROOT / "ci" / "push_history"
# history add --history=DIR [FLAG...] RUN..., and history page --history=DIR -o FILE. With MEET=FOLDER the first call
# of each of two pushers ends when the other's has begun, so that both build on one state of the remote.
FAKE = """#!/bin/bash
words=()
for word; do
  case $word in
    --history=*) history=${word#*=} ;;
    *) words+=("$word") ;;
  esac
done
echo "${words[*]}" >>"$CALLS"
if [ "$2" = page ]; then
  for file in "$history"/*/*.ndjson; do echo "${file##*/}"; done >"${words[-1]}"
  exit "${PAGE_CODE:-0}"
fi
[ -z "${ADD_CODE:-}" ] || exit "$ADD_CODE"
code=0
for run in "${words[@]:2}"; do
  [[ $run != -* ]] || continue
  [ -e "$run" ] || { echo "bench-report: there is no '$run'" >&2; code=21; continue; }
  mkdir -p "$history/2026-01"
  name=${run##*/}
  cp "$run" "$history/2026-01/${name%.json}.ndjson"
  echo index >"$history/index.sqlite"
done
[ -z "${MEET:-}" ] || touch "$MEET/$PPID"
for ((tries = 0; tries < 4000; ++tries)); do
  [ -n "${MEET:-}" ] || break
  met=("$MEET"/*)
  [ ${#met[@]} -lt 2 ] || break
  sleep 0.005
done
exit $code
"""


class PushHistory(GitTest):
    def setUp(self):
        super().setUp()
        self.report = self.program("bench-report", FAKE)
        self.environment["CALLS"] = str(self.folder / "calls")
        self.remote = self.copied("remote.git", self.make_remote)
        self.clone = self.cloned("clone")

    def make_remote(self, remote):
        source = self.repository("source")
        self.commit(source, {"code": "1\n"})
        self.run_script("git", "clone", "--quiet", "--bare", source, remote)

    def cloned(self, name, *flags):
        self.run_script("git", "clone", "--quiet", *flags, f"file://{self.remote}", self.folder / name)
        return self.folder / name

    def result(self, name):
        path = self.folder / f"{name}.json"
        path.write_text(name + "\n")
        return path

    def starting(self, *arguments, clone=None, **environment):
        return self.start(SCRIPT, f"--report={self.report}", "--wait=0", *arguments, cwd=clone or self.clone,
                          **environment)

    def push(self, *arguments, **keywords):
        return self.ended(self.starting(*arguments, **keywords))

    def kept(self, branch="bench-history"):
        return self.git(self.remote, "ls-tree", "-r", "--name-only", branch).split()

    def head(self):
        return self.git(self.remote, "rev-parse", "bench-history")

    def has_branch(self):
        return self.git(self.remote, "branch", "--list", "bench-history") != ""

    def commits(self):
        return int(self.git(self.remote, "rev-list", "--count", "bench-history"))

    def test_the_first_run_makes_a_branch_that_holds_the_history_alone(self):
        done = self.push(self.result("a"))
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(self.kept(), ["history/2026-01/a.ndjson", "index.html"])
        self.assertEqual(self.git(self.remote, "show", "bench-history:history/2026-01/a.ndjson"), "a")
        self.assertEqual(self.git(self.remote, "log", "--format=%s", "bench-history"), "Add a.json")
        self.assertEqual(self.commits(), 1)

    def test_later_runs_are_added_to_it(self):
        self.push(self.result("a"))
        first = self.head()
        self.assertEqual(self.push(self.result("b"), self.result("c")).returncode, 0)
        self.assertEqual(self.kept(), [f"history/2026-01/{name}.ndjson" for name in "abc"] + ["index.html"])
        self.assertEqual(self.git(self.remote, "show", "bench-history:index.html"), "a.ndjson\nb.ndjson\nc.ndjson")
        self.assertEqual(self.git(self.remote, "rev-parse", "bench-history^"), first)

    def test_adding_a_run_again_pushes_nothing(self):
        self.push(self.result("a"))
        first = self.head()
        done = self.push(self.result("a"))
        self.assertEqual((done.returncode, self.head()), (0, first), done.err)
        self.assertIn("nothing to push", done.err)

    def test_the_clone_stays_as_it_was(self):
        (self.clone / "code").write_text("changed\n")
        (self.clone / "staged").write_text("new\n")
        self.git(self.clone, "add", "staged")
        def state():
            return [self.git(self.clone, *words) for words in
                    (["status", "--short", "--branch"], ["for-each-ref", "refs/heads"], ["worktree", "list"])]
        before = state()
        self.assertEqual(self.push(self.result("a")).returncode, 0)
        self.assertEqual(self.push(self.result("b")).returncode, 0)
        self.assertEqual(before, state())
        self.assertFalse((self.clone / ".git" / "FETCH_HEAD").exists())
        self.assertEqual(list(self.temporary.iterdir()), [])

    def two_at_once(self):
        meet = self.folder / "meet"
        meet.mkdir()
        other = self.cloned("other")
        both = [self.starting(self.result(name), clone=clone, MEET=str(meet))
                for name, clone in (("b", self.clone), ("c", other))]
        both = [self.ended(process) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], [process.err for process in both])
        self.assertEqual(sum("attempt 1 of 10 failed" in process.err for process in both), 1)

    def test_two_at_once_lose_nothing(self):
        self.push(self.result("a"))
        self.two_at_once()
        self.assertEqual(self.kept(), [f"history/2026-01/{name}.ndjson" for name in "abc"] + ["index.html"])
        self.assertEqual(self.git(self.remote, "show", "bench-history:index.html"), "a.ndjson\nb.ndjson\nc.ndjson")
        self.assertEqual(self.commits(), 3)

    def test_two_at_once_lose_nothing_where_both_would_make_the_branch(self):
        self.two_at_once()
        self.assertEqual(self.kept(), ["history/2026-01/b.ndjson", "history/2026-01/c.ndjson", "index.html"])
        self.assertEqual(self.commits(), 2)

    def test_many_at_once_in_one_clone_lose_nothing(self):
        names = "abcdef"
        everybody = [self.starting(self.result(name), "--attempts=50", "--wait=1") for name in names]
        for process in everybody:
            self.assertEqual(self.ended(process).returncode, 0, process.err)
        self.assertEqual(self.kept(), [f"history/2026-01/{name}.ndjson" for name in names] + ["index.html"])

    def test_a_shallow_clone_can_push_too(self):
        self.push(self.result("a"))
        done = self.push(self.result("b"), clone=self.cloned("shallow", "--depth=1"))
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(self.commits(), 2)

    def test_a_remote_that_takes_nothing_is_tried_as_often_as_said_and_its_words_are_shown(self):
        hook = self.remote / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\necho tried >>tries\necho protected branch >&2\nexit 1\n")
        hook.chmod(0o755)
        done = self.push(self.result("a"), "--attempts=3")
        self.assert_fails(done, 69, "in 3 attempts", "protected branch")
        self.assertEqual((self.remote / "tries").read_text(), "tried\n" * 3)
        self.assertFalse(self.has_branch())
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_remote_that_is_not_there_is_named(self):
        done = self.push(self.result("a"), "--attempts=2", "--remote=nowhere")
        self.assert_fails(done, 69, "'nowhere' did not take the history")
        done = self.push(self.result("a"), "--attempts=1", "--remote=file://name:secret@localhost/nowhere")
        self.assert_fails(done, 69, "'file://localhost/nowhere' did not take the history")
        self.assertNotIn("secret", done.err)

    def test_a_run_that_cannot_be_read_does_not_hold_up_the_others(self):
        done = self.push(self.result("a"), "gone.json")
        self.assertEqual(done.returncode, 21, done.err)
        self.assertEqual(self.kept(), ["history/2026-01/a.ndjson", "index.html"])

    def test_nothing_is_pushed_where_no_run_can_be_read_or_none_was_added(self):
        self.assert_fails(self.push("gone.json"), 21, "there is no 'gone.json'")
        self.assert_fails(self.push(self.result("a"), ADD_CODE="74"), 74, "nothing was pushed")
        self.assertFalse(self.has_branch())

    def test_a_page_that_cannot_be_made_keeps_no_run_from_being_kept(self):
        done = self.push(self.result("a"), PAGE_CODE="74")
        self.assert_fails(done, 74, "the page could not be made")
        self.assertIn("history/2026-01/a.ndjson", self.kept())

    def test_other_flags_go_to_history_add(self):
        self.push("--branch=main", "--data_branch=numbers", self.result("a"), "--commit=1234567")
        calls = (self.folder / "calls").read_text().splitlines()
        self.assertEqual(calls[0], f"history add --branch=main --commit=1234567 {self.folder}/a.json")
        self.assertEqual(self.kept("numbers"), ["history/2026-01/a.ndjson", "index.html"])

    def test_an_interruption_leaves_nothing_behind(self):
        meet = self.folder / "meet"
        meet.mkdir()
        process = self.starting(self.result("a"), MEET=str(meet))
        self.wait_for(lambda: list(meet.iterdir()), "bench-report never started")
        self.assert_fails(self.end_group(process), 143, "Ended")
        self.assertFalse(self.has_branch())
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_wrong_usage_is_64_and_a_folder_without_a_repository_69(self):
        run = self.result("a")
        self.assert_fails(self.push(), 64, "Which run?")
        self.assert_fails(self.push(run, "--attempts=0"), 64, "--attempts=0")
        self.assert_fails(self.push(run, "--wait=1.5"), 64, "--wait=1.5")
        self.assert_fails(self.push(run, "--data_branch=a..b"), 64, "--data_branch=a..b")
        self.assert_fails(self.push(run, "--history=elsewhere"), 64, "--history")
        for flag in ("--branch", "--commit", "--repository"):
            self.assert_fails(self.push(run, flag, "main"), 64, f"{flag}=VALUE")
        self.assert_fails(self.push(run, clone=self.folder), 69, "is in no git repository")

    @unittest.skipUnless(BENCH_REPORT, "no bench-report is built here")
    def test_the_built_bench_report_keeps_a_result_and_makes_the_page(self):
        rows = [{"name": "BM_a", "run_name": "BM_a", "run_type": "iteration", "repetitions": 1, "repetition_index": 0,
                 "threads": 1, "iterations": 10, "real_time": 5.0, "cpu_time": 5.0, "time_unit": "ns"}]
        result = self.folder / "result.json"
        for number in (1, 2):
            result.write_text(json.dumps({"context": {"date": f"2026-11-0{number}T10:00:00+00:00", "num_cpus": 2},
                                          "benchmarks": rows}))
            done = self.push(result, f"--report={BENCH_REPORT}")
            self.assertEqual(done.returncode, 0, done.err)
        kept = self.kept()
        self.assertEqual(sum(name.startswith("history/2026-11/202611") for name in kept), 2, kept)
        self.assertFalse([name for name in kept if "sqlite" in name], kept)
        self.assertIn("BM_a", self.git(self.remote, "show", "bench-history:index.html"))

    @unittest.skipUnless(BENCH_REPORT, "no bench-report is built here")
    def test_the_built_bench_report_makes_no_branch_where_it_cannot_read_a_run(self):
        self.assert_fails(self.push("gone.json", f"--report={BENCH_REPORT}"), 21, "gone.json")
        self.assertFalse(self.has_branch())


if __name__ == "__main__":
    unittest.main()
