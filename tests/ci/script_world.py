"""A checkout and a PATH of their own for tests of our scripts: no network, no compiler, no package manager."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKES = ROOT / "tests" / "ci" / "fakes"
# All that the scripts may call. Nothing else is in PATH, so that no test can reach the machine's apt-get or nvcc.
TOOLS = ("awk basename bash cat comm cp cut dirname env flock grep kill mkdir mktemp mv nproc readlink realpath rm sed "
         "seq sha256sum sleep sort tail tr true touch").split()


class ScriptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="trainbench test ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.root = self.folder / "check out"
        (self.root / "ci").mkdir(parents=True)
        for name in ("bench", "bench-report", "CMakePresets.json", "ci/setup", "ci/build"):
            shutil.copy(ROOT / name, self.root / name)
        for requirements in (ROOT / "ci").glob("*.txt"):
            shutil.copy(requirements, self.root / "ci")
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for fake in FAKES.iterdir():
            if fake.is_file():
                (self.bin / fake.name).symlink_to(fake)
        self.log = self.folder / "calls"
        self.cache = self.folder / "cache" / "trainbench"
        self.environment = {
            "PATH": str(self.bin), "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": str(self.folder / "cache"),
            "TMPDIR": str(self.folder), "FAKE_LOG": str(self.log), "FAKE_PROGRAMS": str(FAKES / "built"),
            "TRAINBENCH_TIER": "cpu"}

    def start(self, *command, cwd=None, **environment):
        """`environment` adds variables; None removes one."""
        merged = {k: v for k, v in (self.environment | environment).items() if v is not None}
        return subprocess.Popen([str(word) for word in command], cwd=cwd or self.folder, env=merged, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True)

    def run_script(self, *command, cwd=None, **environment):
        process = self.start(*command, cwd=cwd, **environment)
        process.out, process.err = process.communicate(timeout=30)
        return process

    def wait_for(self, condition, otherwise):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, otherwise)
            time.sleep(0.01)

    def calls(self, program):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.split()[0] == program]

    def forget_calls(self):
        self.log.unlink(missing_ok=True)

    def cached(self):
        return sorted(p.name for p in self.cache.glob("torch-*")) if self.cache.exists() else []

    def assert_fails(self, process, code, *words):
        self.assertEqual(process.returncode, code, process.err)
        for word in words:
            self.assertIn(word, process.err)
        self.assertNotIn("unbound variable", process.err)
        self.assertNotIn("line ", process.err, "bash's own words are no message")
