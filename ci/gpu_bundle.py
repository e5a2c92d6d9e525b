"""The half of ci/gpu on the building machine: collects what a GPU machine without a compiler needs."""
import json
import pathlib
import re
import shutil
import subprocess

from gpu_common import BUNDLE, IMAGES, MANIFEST, MIB, ROOT, SETUP, USAGE, Stop, last_line, mib, size_of, writing

MOST_PROGRAMS, MOST_WHOLE = 25 * MIB, 64 * MIB
# What every machine with a torch wheel has: glibc, and GCC's libraries, which the wheel needs itself.
EVERYWHERE = re.compile(r"(ld-linux.*|linux-vdso|lib(c|m|dl|rt|pthread|util|resolv|gcc_s|stdc\+\+|gomp))\.so")
SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/local/lib/")


def output_of(*command):
    """What a program prints; Stop(69) where it is missing or fails."""
    try:
        done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True)
    except OSError as error:
        raise Stop(SETUP, f"Cannot run '{command[0]}': {error.strerror}. Bundling needs ctest and binutils.") from error
    if done.returncode != 0:
        raise Stop(SETUP, f"'{command[0]}' ended with {done.returncode}: {last_line(done.stderr)}")
    return done.stdout


def build_folder(given):
    """The folder of built programs: the one named, else that of ci/build, which builds what has changed."""
    if given:
        return given
    return pathlib.Path(output_of(ROOT / "ci" / "build", "release").strip())


def gpu_tests(folder):
    """{program: the filter of those of its tests that carry the label gpu}, as ctest knows them."""
    listed = json.loads(output_of("ctest", "--test-dir", folder, "-L", "^gpu$", "--show-only=json-v1"))
    found = {}
    for test in listed["tests"]:
        command = test.get("command") or []
        chosen = [word.partition("=")[2] for word in command if word.startswith("--gtest_filter=")]
        if chosen:
            found.setdefault(pathlib.Path(command[0]), []).append(chosen[0])
    return {program: ":".join(filters) for program, filters in sorted(found.items())}


def dynamic(program):
    return output_of("readelf", "--dynamic", "--wide", program)


def libraries_of(program):
    """{name: path} of the shared libraries that the system would have to give and a GPU machine may lack."""
    found = {}
    for line in output_of("ldd", program).splitlines():
        name, arrow, path = line.strip().partition(" => ")
        if not arrow or EVERYWHERE.match(name):
            continue
        if path.startswith("not found"):
            raise Stop(SETUP, f"'{program}' needs '{name}', which this machine does not have: build it here first.")
        path = path.partition(" (")[0]
        if path.startswith(SYSTEM_FOLDERS) and "/torch/lib/" not in path:
            found[name] = pathlib.Path(path)
    return found


def check_paths(program, carried):
    """LD_LIBRARY_PATH must win over what is built in, and what lies beside the program must be found."""
    text = dynamic(program)
    if "(RPATH)" in text:
        raise Stop(SETUP, f"'{program}' has an RPATH, which goes before LD_LIBRARY_PATH: link it with RUNPATH.")
    needed = sorted(name for name in carried if f"[{name}]" in text)
    if needed and "$ORIGIN" not in "".join(line for line in text.splitlines() if "(RUNPATH)" in line):
        raise Stop(SETUP, f"'{program}' needs '{needed[0]}' and its RUNPATH lacks $ORIGIN: it would not find the file "
                          "beside it.")


def built_of(bench):
    """The commit that the program was built of, and its LibTorch's version."""
    words = output_of(bench, "--version").strip()
    found = re.search(r"\(([^)]+)\), LibTorch (\d+(?:\.\d+)*)", words)
    if not found:
        raise Stop(SETUP, f"'{bench}' does not name its commit and its LibTorch: it says '{words}'.")
    if "[libtorch_cuda.so]" not in dynamic(bench):
        raise Stop(SETUP, f"'{bench}' was built without GPU code: build it where nvcc and the CUDA tier's LibTorch are.")
    return found.groups()


def fill(partial, folder, tests, images):
    programs = [folder / "bench", folder / "bench-report", *tests]
    missing = [program for program in programs if not program.is_file()]
    if missing:
        raise Stop(SETUP, f"There is no program '{missing[0]}': build it first, or name another folder with --build=DIR.")
    commit, torch = built_of(folder / "bench")
    carried = {}
    for program in programs:
        carried |= libraries_of(program)
    for program in programs:
        check_paths(program, carried)
        output_of("strip", "-o", partial / program.name, program)
    for name, path in carried.items():
        shutil.copy(path.resolve(), partial / name)
    size = size_of(partial)
    if size > MOST_PROGRAMS:
        raise Stop(SETUP, f"The programs and their libraries take {mib(size)}, and {mib(MOST_PROGRAMS)} may be carried: "
                          + ", ".join(f"{path.name} {mib(path.stat().st_size)}" for path in sorted(partial.iterdir())) + ".")
    if images:
        shutil.copy(images, partial / (IMAGES + images.suffix))
    manifest = {"bundle": 1, "commit": commit, "torch": torch,
                "tests": {program.name: chosen for program, chosen in tests.items()}, "libraries": sorted(carried)}
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    whole = size_of(partial)
    if whole > MOST_WHOLE:
        raise Stop(SETUP, f"The bundle takes {mib(whole)}, and {mib(MOST_WHOLE)} may be carried.")
    return manifest


def bundle(place, build, images):
    """Makes the bundle in `place`, whole or not at all, and prints what it weighs."""
    place = (place or BUNDLE).absolute()
    if images and not images.is_file():
        raise Stop(USAGE, f"There is no archive of images '{images}': name one with --images=FILE, or leave it out.")
    if place.exists() and not (place / MANIFEST).is_file():
        raise Stop(USAGE, f"'{place}' exists and is no bundle: name another folder: ci/gpu bundle DIR.")
    folder = build_folder(build)
    tests = gpu_tests(folder)
    partial = place.with_name(place.name + ".partial")
    with writing(partial):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            manifest = fill(partial, folder, tests, images)
            shutil.rmtree(place, ignore_errors=True)
            partial.rename(place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    for path in sorted(place.iterdir()):
        print(f"{path.stat().st_size:>10} bytes  {path.name}")
    if not tests:
        print("No test program carries the label gpu: the part 'tests' will have nothing to run.")
    print(f"{place}: {mib(size_of(place))}, commit {manifest['commit']}, LibTorch {manifest['torch']}")
