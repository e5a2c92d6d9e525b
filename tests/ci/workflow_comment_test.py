#!/usr/bin/env python3
"""Tests of the shell steps of ci/github/comment.yml, with a gh that answers from a file."""
import json
import unittest

from workflow_world import StepTest, need

need("jq", "jq")


class Comment(StepTest):
    # Answers from a file and writes down what it is asked to change.
    GH = """#!/usr/bin/env python3
import json, os, pathlib, sys
state = json.loads(pathlib.Path(os.environ["STATE"]).read_text())
words = sys.argv[1:]
if words[:2] == ["run", "download"]:
    if "answer" not in state:
        sys.exit("no artifact matches any of the names or patterns provided")
    folder = pathlib.Path(words[words.index("--dir") + 1])
    folder.mkdir(parents=True)
    (folder / "bench-report.md").write_text(state["answer"])
    sys.exit()
method = words[words.index("--method") + 1] if "--method" in words else "GET"
path = next(w for i, w in enumerate(words[1:], 1) if not w.startswith("-") and words[i - 1] not in ("--method", "-f", "--input"))
if method == "GET":
    fields = "&".join(words[i + 1] for i, w in enumerate(words) if w == "-f")
    print(json.dumps(state["answers"][path + ("?" + fields if fields else "")]))
else:
    body = json.loads(pathlib.Path(words[words.index("--input") + 1]).read_text())["body"]
    pathlib.Path(os.environ["LOG"]).write_text(json.dumps([method, path, body]))
"""
    SHA = "0123456789abcdef0123456789abcdef01234567"

    def setUp(self):
        super().setUp()
        self.program("bin/gh", self.GH)
        self.environment |= {"STATE": str(self.folder / "state"), "GH_TOKEN": "token", "REPOSITORY": "us/project",
                             "REPOSITORY_ID": "77", "HEAD_SHA": self.SHA}

    def answer(self, answers, **state):
        (self.folder / "state").write_text(json.dumps({"answers": answers, **state}))

    def find(self, pull_requests, **answers):
        self.answer(answers | {"repos/us/project/pulls/5": {"head": {"sha": self.SHA}},
                               "repos/us/project/pulls/6": {"head": {"sha": "f" * 40}}})
        (self.folder / "output").write_text("")
        done = self.run_step("comment", "Find the pull request", PULL_REQUESTS=json.dumps(pull_requests),
                             HEAD_OWNER="them", HEAD_BRANCH="a branch&state=closed")
        self.assertEqual(done.returncode, 0, done.err)
        return self.outputs().get("number")

    @staticmethod
    def pull_request(number, repository=77):
        return {"number": number, "base": {"repo": {"id": repository}}}

    def test_the_number_comes_from_the_event(self):
        self.assertEqual(self.find([self.pull_request(5)]), "5")
        self.assertEqual(self.find([self.pull_request(9, repository=1), self.pull_request(5)]), "5")

    def test_a_forks_pull_request_is_found_by_its_newest_commit(self):
        asked = "repos/us/project/pulls?state=open&head=them:a branch&state=closed"
        found = [{"number": 4, "head": {"sha": "e" * 40}}, {"number": 5, "head": {"sha": self.SHA}}]
        self.assertEqual(self.find([], **{asked: found}), "5")
        self.assertIsNone(self.find([], **{asked: found[:1]}))
        self.assertIsNone(self.find([], **{asked: []}))

    def test_an_answer_about_an_older_commit_is_no_comment(self):
        self.assertIsNone(self.find([self.pull_request(6)]))

    def comment(self, comments=(), **state):
        self.answer({"repos/us/project/issues/5/comments?per_page=100": list(comments)}, **state)
        done = self.run_step("comment", "Comment", NUMBER="5", RUN_ID="42", RUN_URL="https://example.org/run/42",
                             NAME="gate")
        self.assertEqual(done.returncode, 0, done.err)
        return json.loads(self.text("log"))

    def test_the_first_answer_makes_a_comment_that_begins_with_the_marker(self):
        method, path, body = self.comment(answer="# REGRESSED\n")
        self.assertEqual((method, path), ("POST", "repos/us/project/issues/5/comments"))
        self.assertEqual(body, "<!-- bench-report:gate -->\n# REGRESSED\n\n\nCommit 0123456789ab, "
                               "[log](https://example.org/run/42).\n")

    def test_later_answers_change_our_own_comment_and_nobody_elses(self):
        def comment(number, author, body):
            return {"id": number, "user": {"login": author}, "body": body}
        others = [comment(1, "somebody", "<!-- bench-report:gate -->\nmine"),
                  comment(2, "github-actions[bot]", "<!-- bench-report:other -->\n"),
                  comment(3, "github-actions[bot]", "see <!-- bench-report:gate -->\n")]
        self.assertEqual(self.comment(others, answer="x")[0], "POST")
        method, path, _ = self.comment([*others, comment(4, "github-actions[bot]", "<!-- bench-report:gate -->\nold")],
                                       answer="x")
        self.assertEqual((method, path), ("PATCH", "repos/us/project/issues/comments/4"))

    def test_a_text_that_is_too_long_is_cut_and_calls_nobody(self):
        _, _, body = self.comment(answer="@everybody\n" + "x" * 100000)
        self.assertIn("@\u200beverybody", body)
        self.assertLess(len(body), 65536)

    def test_a_run_without_an_answer_says_that(self):
        _, _, body = self.comment()
        self.assertIn("The benchmarks gave no answer.", body)


if __name__ == "__main__":
    unittest.main()
