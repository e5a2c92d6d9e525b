"""Real git repositories in a folder of their own for tests of our scripts: no network, nobody's configuration."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The program that is built here, where CMake names it: then the scripts are tried with it as well.
BENCH_REPORT = os.environ.get("BENCH_REPORT")


class GitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        templates = tempfile.TemporaryDirectory(prefix="trainbench test ")
        cls.addClassCleanup(templates.cleanup)
        cls.templates = pathlib.Path(templates.name).resolve()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="trainbench test ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.temporary),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8",
            # What a power cut does to these repositories is no matter.
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsync", "GIT_CONFIG_VALUE_0": "none"}

    def start(self, *command, cwd=None, **environment):
        return subprocess.Popen([str(word) for word in command], cwd=cwd or self.folder, text=True,
                                env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)

    @staticmethod
    def ended(process):
        process.out, process.err = process.communicate(timeout=60)
        return process

    def run_script(self, *command, cwd=None, **environment):
        return self.ended(self.start(*command, cwd=cwd, **environment))

    def end_group(self, process, number=signal.SIGTERM):
        os.killpg(process.pid, number)
        return self.ended(process)

    def wait_for(self, condition, otherwise):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, otherwise)
            time.sleep(0.01)

    def git(self, folder, *arguments):
        done = self.run_script("git", "-C", folder, "-c", "user.name=Somebody", "-c", "user.email=some@body",
                               *arguments)
        self.assertEqual(done.returncode, 0, done.err)
        return done.out.strip()

    def repository(self, name="repository"):
        folder = self.folder / name
        self.run_script("git", "init", "--quiet", "--initial-branch=main", folder)
        return folder

    def copied(self, name, make):
        """A folder that make(folder) fills for the first test of the class, and that the others get a copy of."""
        template = self.templates / name
        if not template.exists():
            make(template)
        return pathlib.Path(shutil.copytree(template, self.folder / name))

    def commit(self, folder, files, message="A change"):
        """Writes the files and commits them; returns the commit."""
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
        return self.git(folder, "rev-parse", "HEAD")

    def program(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def assert_fails(self, process, code, *words):
        self.assertEqual(process.returncode, code, process.err)
        for word in words:
            self.assertIn(word, process.err)
        self.assertNotIn("unbound variable", process.err)
