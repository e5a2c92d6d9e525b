"""The parts of ci/gpu on a GPU machine, most valuable first. Each is a list of steps of a Session."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from gpu_common import ROOT, last_line, writing

CASE_REPETITIONS = 5
LADDER_REPETITIONS = 3
LADDER = (("ladder/graph", "^Step_GPU_(FP32|AMP_FP16|HALF)_graph_device"), ("ladder/rest", "^Step_GPU_"))
ACCURACY_SEEDS = range(1, 6)
PEER_PAIRS = 3
# The study's own form against the study's loop; our best against the strong form; our best against the study's loop.
PEERS = (("^Exp3_GPU_FP32/batch:128$", ["study"]), ("^Exp5_GPU_AMP/batch:256$", ["study"]),
         ("^Step_GPU_AMP_FP16_graph_device_cl_cudnn_x8/batch:(128|512)$", ["strong"]),
         ("^Step_GPU_AMP_FP16_graph_device_cl_cudnn_x8/batch:128$", ["study"]),
         ("^Step_GPU_AMP_BF16_graph_device_cl/batch:(128|512)$", ["strong"]))
RECORDER_TESTS = "test_gpu_recorder"
# The flags of each profiled step, and what recording may cost there, as a ratio of two processes' steps: the GPU is the
# bound of the experiments' own batches, the host of a small one.
PROFILED = {"profile/run": ([], 1.10), "profile/small_batch": (["--axis=batch=32"], 1.50)}
SETTLED = ("ladder", "floor", "batch_norm", "fused_sgd")


class Machine:
    """The bundle, the data and the environment that every program of it gets."""

    def __init__(self, session, bundle, manifest, environment, requires_gpu):
        self.session, self.bundle, self.manifest = session, bundle, manifest
        self.environment = environment
        self.require = ["--require_gpu"] if requires_gpu else []

    def program(self, name):
        return self.bundle / name

    def ask(self, name, *arguments):
        """What a program of the bundle prints at once; empty where it does not like the question."""
        done = subprocess.run([self.program(name), *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def names(self, pattern, *flags):
        return self.ask("bench", f"--benchmark_filter={pattern}", *flags, "--benchmark_list_tests").split()

    def journals(self, step):
        return sorted(self.session.folder.glob(f"{step}-*/journal.ndjson"))

    def bench(self, step, pattern, repetitions, *flags, finished_in=()):
        """Runs the benchmarks that `pattern` matches, less those that an earlier call finished, of this step or of one
        in `finished_in`."""
        session = self.session
        if session.is_done(step):
            session.say(f"{step}: done before")
            return True
        names = self.names(pattern, *flags)
        if not names:
            session.say(f"{step}: skipped, this bench has no benchmark that matches '{pattern}'")
            return True
        journals = [journal for of in {step, *finished_in} for journal in self.journals(of)]
        finished = finished_cases(journals, repetitions)
        left = [name for name in names if name not in finished]
        if len(left) < len(names):
            session.say(f"{step}: {len(names) - len(left)} of {len(names)} benchmarks done before")
        folder = session.folder / f"{step}-{len(self.journals(step)) + 1}"
        command = [self.program("bench"), f"--benchmark_filter=^({'|'.join(left)})$", *flags, *self.require,
                   f"--benchmark_repetitions={repetitions}", "--benchmark_color=false", f"--out={folder}"]
        return session.command(step, command if left else ["true"], self.environment)

    def report(self, part):
        """One report over the part's run folders; it takes a second and is made after a time-out too."""
        runs = sorted({path.parent for path in (self.session.folder / part).glob("*/journal.ndjson")})
        if not runs:
            return
        done = subprocess.run([self.program("bench-report"), *runs, "-o", self.session.folder / part / "report.md"],
                              env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            self.session.fail(part, f"bench-report ended with {done.returncode}: {last_line(done.stderr)}")


def cases_of(journal):
    for line in journal.read_text().splitlines():
        try:
            case = json.loads(line).get("case")
        except ValueError:
            continue  # a killed bench may leave half a line
        if case:
            yield case


def finished_cases(journals, repetitions):
    """Names of the benchmarks that have a skipped row, or as many good ones as were asked for in one run."""
    finished = set()
    for journal in journals:
        rows = {}
        for case in cases_of(journal):
            rows.setdefault(case["benchmark"], []).append(case["status"])
        finished |= {name for name, status in rows.items()
                     if "failed" not in status and ("skipped" in status or status.count("ok") >= repetitions)}
    return finished


def tally(path):
    """(passed, failed, skipped) of a GoogleTest result; None where the program died before it could write it."""
    try:
        suites = json.loads(path.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):
        return None
    tests = [test for suite in suites for test in suite["testsuite"]]
    failed = sum("failures" in test for test in tests)
    skipped = sum(test.get("result") == "SKIPPED" for test in tests)
    return len(tests) - failed - skipped, failed, skipped


def run_tests(machine, part, programs, environment):
    session = machine.session
    for program, chosen in programs.items():
        step = f"{part}/{program}"
        result = session.folder / part / f"{program}.json"
        result.unlink(missing_ok=True) if not session.is_done(step) else None
        session.command(step, [machine.program(program), f"--gtest_filter={chosen}", "--gtest_color=no",
                               f"--gtest_output=json:{result}"], environment)
        counted = tally(result)
        if counted is None:
            session.fail(step, "left no result: it crashed or does not start")
        else:
            session.say("{}: {} passed {} failed {} skipped".format(step, *counted))


def tests(machine):
    if not machine.manifest["tests"]:
        machine.session.say("tests: skipped, the bundle has no test program with the label gpu")
    run_tests(machine, "tests", machine.manifest["tests"], machine.environment)


def study(machine):
    machine.bench("study/run", "^Exp[1345]_", CASE_REPETITIONS, "--preset=quick")


def ladder(machine):
    """The whole step as a graph first: all rungs take longer than one call."""
    for step, pattern in LADDER:
        machine.bench(step, pattern, LADDER_REPETITIONS, "--preset=quick", finished_in=[name for name, _ in LADDER])


def accuracy(machine):
    """A pair of runs per seed, at one batch, so that precision is all that differs; as many seeds as time allows."""
    session, longest = machine.session, 0.0
    if not machine.environment.get("CIFAR10_DIR"):
        session.say("accuracy: skipped, it needs the whole CIFAR-10: bundle it with --images=FILE")
        return
    for seed in ACCURACY_SEEDS:
        step = f"accuracy/seed{seed}"
        if not session.is_done(step) and session.seconds_left() < 1.1 * longest:
            session.say(f"accuracy: {seed - 1} of {len(ACCURACY_SEEDS)} seeds fit into the time; another call goes on")
            return
        machine.bench(step, "^(Exp3_GPU_FP32|Exp5_GPU_AMP)/", 1, "--preset=full", "--epochs=5", "--axis=batch=128",
                      f"--seed={seed}")
        longest = max(longest, session.seconds_of(step))


def peer_comparisons(machine):
    """(benchmark, form, compile) of what is worth comparing, as far as this bench has it."""
    compiled = "max-autotune" if has_compiler(machine) else "no"
    for pattern, forms in PEERS:
        for name in machine.names(pattern):
            for form in forms:
                yield name, form, compiled if form == "strong" else "no"


def has_compiler(machine):
    """torch.compile on a GPU goes through Triton, which compiles its launcher with the machine's C compiler."""
    if any(shutil.which(name) for name in filter(None, [os.environ.get("CC"), "cc", "gcc", "clang"])):
        return True
    machine.session.say("peers: no C compiler here, which torch.compile needs: the strong form runs eagerly, so a ratio "
                        "to it says nothing about torch.compile")
    return False


def peers(machine):
    session = machine.session
    comparisons = list(peer_comparisons(machine))
    if not comparisons:
        session.say("peers: skipped, this bench has no GPU benchmark that Python is compared with")
    for name, form, compiled in comparisons:
        step = f"peers/{name.replace('/', '-').replace(':', '')}-{form}"
        number = 1 + len(list(session.folder.glob(f"{step}-*/pairs.ndjson")))
        session.command(step, [sys.executable, ROOT / "ci" / "peers", f"--bench={machine.program('bench')}",
                               f"--python={sys.executable}", f"--benchmark={name}", f"--form={form}",
                               f"--compile={compiled}", f"--pairs={PEER_PAIRS}",
                               f"--out={session.folder / f'{step}-{number}'}"], machine.environment)


def settle(machine):
    for question in SETTLED:
        result = machine.session.folder / "settle" / f"{question}.json"
        machine.session.command(f"settle/{question}", [sys.executable, ROOT / "ci" / "gpu_settle.py", question,
                                                       f"--out={result}"], machine.environment)


def recorder_tests(machine):
    """The recorder's own tests once more, for the profile that they leave."""
    session = machine.session
    programs = {name: chosen for name, chosen in machine.manifest["tests"].items() if name.startswith(RECORDER_TESTS)}
    if not programs:
        session.say(f"profile: skipped the recorder's tests, the bundle has no program {RECORDER_TESTS}")
        return
    folder = session.folder / "profile" / "recorded"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    run_tests(machine, "profile", programs, {**machine.environment, "TRAINBENCH_PROFILE_DIR": str(folder)})
    for file in sorted(folder.glob("*.json")):
        session.command(f"profile/{file.stem}-tables", [machine.program("bench-report"), "profile", file],
                        machine.environment)


def check_profiled_ratios(machine, step, most):
    """Fails the step where recording made the steps slower than it may."""
    for case in (case for journal in machine.journals(step) for case in cases_of(journal)):
        timed, profiled = (case.get("metrics", {}).get(name) for name in ("step_time_ms", "profiled_step_time_ms"))
        if not timed or not profiled:
            continue  # a failed or skipped row, which bench's own exit code tells of
        ratio = profiled / timed
        machine.session.say(f"{step}: {case['benchmark']} profiled / unprofiled {ratio:.3f}, at most {most}")
        if ratio > most:
            machine.session.fail(step, f"recording made {case['benchmark']} {ratio:.3f} times as slow, at most {most} is "
                                       "right")


def profile(machine):
    recorder_tests(machine)
    for step, (flags, most) in PROFILED.items():
        machine.bench(step, "^Exp[35]_", 1, "--preset=quick", *flags, "--profile")
        check_profiled_ratios(machine, step, most)
    machine.bench("profile/verified", "^Exp3_", 1, "--preset=smoke", "--profile=verify")


PARTS = {part.__name__: part for part in (tests, study, ladder, accuracy, peers, settle, profile)}


def run_part(machine, name):
    """Runs one part; its report is written whatever happened."""
    try:
        with machine.session.part(name):
            PARTS[name](machine)
    finally:
        if any((machine.session.folder / name).glob("*/journal.ndjson")):
            machine.report(name)


def data_folder(machine, archive, place):
    """Unpacks the images where the bundle has them and tells the programs where they are."""
    if archive is None:
        machine.session.say("data: the bundle has no images, so bench trains on what it finds by itself")
        return
    done = subprocess.run([sys.executable, str(ROOT / "ci" / "unpack_cifar10_jpeg"), str(archive), str(place)],
                          capture_output=True, text=True)
    machine.session.say(f"data: {last_line(done.stdout + done.stderr)}")
    if done.returncode == 0:
        machine.environment["CIFAR10_DIR"] = str(pathlib.Path(place).absolute())
