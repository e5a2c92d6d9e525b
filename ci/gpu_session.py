"""What a session of ci/gpu has done: finished steps, seconds spent, the log, and the tar of its results."""
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time

from gpu_common import CANNOT_WRITE, MIB, STEP_FAILED, USAGE, Stop, mib, writing

GRACE_SECONDS = 10
MOST_TAR = 16 * MIB
# What is worth most first; where the tar would be too large, it is cut from the end.
TAR_ORDER = (".md", ".txt", "log", "state.json", ".svg", "benchmark.json", ".json", "journal.ndjson")


class OutOfTime(Exception):
    """The part's or the session's time is up; what is finished is kept."""


def end_group(process):
    """Ends a process and all that it started: bench leaves a readable run when it is told to end."""
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


class Session:
    """A folder of results, all of one `subject` (a commit on a GPU). `part_seconds` bound one call of a part,
    `all_seconds` all calls together."""

    def __init__(self, folder, subject, part_seconds, all_seconds):
        self.folder, self.part_seconds, self.all_seconds = folder, part_seconds, all_seconds
        self.failures, self.deadline = [], None
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self.lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Stop(CANNOT_WRITE, f"Another ci/gpu is at work in '{folder}': wait for it.") from error
        self.state = {"subject": subject, "seconds": 0.0, "steps": {}}
        if (folder / "state.json").is_file():
            self.state = json.loads((folder / "state.json").read_text())
        if self.state["subject"] != subject:
            raise Stop(USAGE, f"'{folder}' holds results of {self.state['subject']}, and these would be of {subject}: name "
                              "another folder with --results=DIR, or remove that one.")

    def say(self, line):
        print(line, flush=True)
        with writing(self.folder), (self.folder / "log").open("a") as log:
            log.write(line + "\n")

    def keep(self):
        partial = self.folder / "state.json.partial"
        with writing(partial):
            partial.write_text(json.dumps(self.state, indent=1) + "\n")
            partial.rename(self.folder / "state.json")

    def is_done(self, step):
        return self.state["steps"].get(step, {}).get("outcome") == "done"

    def seconds_of(self, step):
        return self.state["steps"].get(step, {}).get("seconds", 0.0)

    def seconds_left(self):
        return self.deadline - time.monotonic()

    def fail(self, step, sentence):
        self.failures.append(sentence)
        self.say(f"{step}: {sentence}")

    @contextlib.contextmanager
    def part(self, name):
        """Bounds the steps inside it, and writes down the time they took."""
        left = self.all_seconds - self.state["seconds"]
        if left <= 0:
            raise Stop(STEP_FAILED, f"The {self.all_seconds / 60:g} minutes of this session are spent: allow more with "
                                    f"--all_minutes=N, or start anew with --results=DIR.")
        begin = time.monotonic()
        before = self.state["seconds"]
        self.deadline = begin + min(self.part_seconds, left)
        try:
            yield
        except OutOfTime:
            self.fail(name, f"ran out of its {min(self.part_seconds, left) / 60:.3g} minutes; what is finished is kept, "
                            f"and 'ci/gpu {name}' goes on from there.")
        finally:
            self.state["seconds"] = before + time.monotonic() - begin
            self.keep()

    def command(self, step, command, environment, check=None):
        """Runs one step, unless it is done already; its words go into a log of its own. `check` may name a fault of a
        step that ended with 0. Returns whether the step is done now."""
        if self.is_done(step):
            self.say(f"{step}: done before")
            return True
        if self.seconds_left() < 1:
            raise OutOfTime
        log = self.folder / f"{step}.log"
        with writing(log):
            log.parent.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        code = self.run(command, environment, log, self.seconds_left())
        outcome = {None: "out of time", 0: "done"}.get(code, f"ended with {code}")
        fault = check() if code == 0 and check else None
        self.state["steps"][step] = {"outcome": fault or outcome, "seconds": time.monotonic() - begin}
        self.keep()
        if code is None:
            raise OutOfTime
        if code != 0 or fault:
            self.fail(step, f"{fault or outcome}; its words are in {log}")
            return False
        self.say(f"{step}: done in {self.seconds_of(step):.0f} s")
        return True

    def run(self, command, environment, log, seconds):
        """The exit code, or None where the time was up."""
        with writing(log), log.open("a") as words:
            words.write(f"$ {' '.join(map(str, command))}\n")
            words.flush()
            process = subprocess.Popen([str(word) for word in command], env=environment, stdin=subprocess.DEVNULL,
                                       stdout=words, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                return process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                end_group(process)

    def tar(self, most=MOST_TAR):
        """Packs the folder beside itself, and into $OUT where that is set; what does not fit is named in the log."""
        files = sorted((path for path in self.folder.rglob("*") if path.is_file() and path.name != "lock"), key=rank)
        target = self.folder.with_name(self.folder.name + ".tar.gz")
        partial = target.with_name(target.name + ".partial")
        left_out = []
        with writing(target):
            while True:
                with tarfile.open(partial, "w:gz") as tar:
                    for path in files:
                        tar.add(path, f"{self.folder.name}/{path.relative_to(self.folder)}")
                if partial.stat().st_size <= most or not files:
                    break
                left_out.append(files.pop())
            partial.rename(target)
            if os.environ.get("OUT"):
                shutil.copy(target, os.environ["OUT"])
        for path in left_out:
            self.say(f"left out of the tar, which may take {mib(most)}: {path.relative_to(self.folder)}")
        self.say(f"results: {target}, {mib(target.stat().st_size)}")


def rank(path):
    place = next((number for number, end in enumerate(TAR_ORDER) if path.name.endswith(end)), len(TAR_ORDER))
    return place, path.stat().st_size, str(path)
