"""What the two halves of ci/gpu share: exit codes, the folder's layout and how errors are told."""
import contextlib
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP_FAILED, USAGE, SETUP, CANNOT_WRITE = 30, 64, 69, 74
MIB = 1 << 20
BUNDLE = ROOT / "build" / "gpu"
RESULTS = ROOT / "build" / "gpu-results"
MANIFEST, IMAGES = "bundle.json", "cifar10-jpeg.tar"


class Stop(Exception):
    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


@contextlib.contextmanager
def writing(path):
    try:
        yield
    except OSError as error:
        raise Stop(CANNOT_WRITE, f"Cannot write '{path}': {error.strerror or error}. Free some space or name another "
                                 "folder.") from error


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def mib(size):
    return f"{size / MIB:.1f} MiB"


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def library_path(folders):
    """LD_LIBRARY_PATH with `folders` before what stands there already."""
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])
