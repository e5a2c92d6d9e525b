#!/usr/bin/env python3
"""Tests of ci/unpack_cifar10_jpeg with a Pillow whose images are three bytes: one value per plane."""
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "ci" / "unpack_cifar10_jpeg"
PILLOW = """
    class Picture:
        def __init__(self, values):
            self.values, self.width, self.height = values, 31 if values[0] == 255 else 32, 32
            self.size = self.width, self.height
        def convert(self, mode):
            return self
        def split(self):
            return [memoryview(bytes([value]) * 1024) for value in self.values]
    def open(file):
        values = file.read()
        if len(values) != 3: raise OSError("cannot identify it")
        return Picture(values)
"""


class UnpackTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.set, self.archive = self.folder / "set", self.folder / "images.tar.xz"
        (self.folder / "PIL").mkdir()
        (self.folder / "PIL" / "__init__.py").write_text("")
        (self.folder / "PIL" / "Image.py").write_text(textwrap.dedent(PILLOW))
        self.members = [(f"train/{name}/{number}.jpg", bytes([label, number, 7]))
                        for label, name in enumerate(("airplane", "automobile", "bird")) for number in range(4)]
        self.members += [(f"test/truck/{number}.jpg", bytes([9, number, 7])) for number in range(3)]

    def unpack(self, *arguments, members=None, path=None):
        with tarfile.open(self.archive, "w:xz") as tar:
            for name, content in self.members if members is None else members:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return subprocess.run([sys.executable, SCRIPT, *(arguments or (self.archive, self.set))], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(path or self.folder)})

    def assert_refused(self, done, code, words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertFalse(self.set.exists())

    def records(self, *names):
        data = b"".join((self.set / name).read_bytes() for name in names)
        return [data[begin:begin + 3073] for begin in range(0, len(data), 3073)]

    def test_every_image_is_a_record_of_label_and_planes_in_its_half(self):
        done = self.unpack()
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = [bytes([label]) + b"".join(bytes([value]) * 1024 for value in (label, number, 7))
                    for label in range(3) for number in range(4)]
        found = self.records(*(f"data_batch_{number}.bin" for number in range(1, 6)))
        self.assertEqual(sorted(found), sorted(expected))
        self.assertNotEqual(found, expected, "the classes must be mixed")
        self.assertEqual({record[0] for record in self.records("test_batch.bin")}, {9})
        self.assertEqual((self.set / "batches.meta.txt").read_text().split()[9], "truck")

    def test_two_unpackings_are_the_same_and_a_whole_set_is_left_alone(self):
        self.unpack()
        first = self.records("data_batch_1.bin", "data_batch_5.bin")
        self.unpack(self.archive, self.folder / "again")
        self.assertEqual((self.folder / "again" / "data_batch_5.bin").read_bytes(), (self.set / "data_batch_5.bin").read_bytes())
        self.assertIn("already there", self.unpack(members=[]).stdout)
        self.assertEqual(self.records("data_batch_1.bin", "data_batch_5.bin"), first)

    def test_wrong_archives_are_21_and_leave_nothing(self):
        for member, words in ((("train/cow/1.jpg", b"123"), "train/cow/1.jpg"), (("train/1.jpg", b"123"), "no train/CLASS"),
                              (("train/bird/9.jpg", b"12"), "is no image"), (("train/bird/9.jpg", b"\xff12"), "31 x 32")):
            self.assert_refused(self.unpack(members=[*self.members, member]), 21, words)
        self.assert_refused(self.unpack(members=self.members[:4]), 21, "4 training and 0 test images")

    def test_an_archive_that_is_none_is_21(self):
        (self.folder / "text").write_text("no tar")
        self.assert_refused(self.unpack(self.folder / "text", self.set), 21, "Cannot read the archive")
        self.assert_refused(self.unpack(self.folder / "missing", self.set), 21, "Cannot read the archive")

    def test_a_folder_of_something_else_is_21_and_stays(self):
        self.set.mkdir()
        self.assertEqual(self.unpack().returncode, 21)
        self.assertEqual(list(self.set.iterdir()), [])

    def test_a_missing_pillow_is_69(self):
        (self.folder / "without" / "PIL").mkdir(parents=True)
        (self.folder / "without" / "PIL" / "__init__.py").write_text("raise ImportError('no Pillow')")
        self.assert_refused(self.unpack(path=self.folder / "without"), 69, "needs Pillow")

    def test_wrong_arguments_are_64(self):
        self.assert_refused(self.unpack("one"), 64, "ci/unpack_cifar10_jpeg ARCHIVE DIR")


if __name__ == "__main__":
    unittest.main()
