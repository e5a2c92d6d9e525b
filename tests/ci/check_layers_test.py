#!/usr/bin/env python3
"""Tests of ci/check_layers on trees made here."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CheckLayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "src").mkdir()

    def check(self, files=None, *arguments):
        for name, text in (files or {}).items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, ROOT / "ci/check_layers", self.root, *arguments], capture_output=True,
                              text=True, check=False)

    def assert_fault(self, file, text, line):
        done = self.check({file: text})
        self.assertEqual((done.returncode, done.stdout), (1, line + "\n"), done.stderr)

    def test_passes_includes_that_point_the_right_way(self):
        done = self.check({
            "src/base/errors.hpp": "#include <string>\n",
            "src/train/step.cpp": '#include "src/base/errors.hpp"\n#include "src/ops/loss.hpp"\n#include <torch/torch.h>\n',
            "report/main.cpp": '#include "src/stats/rank.hpp"\n#include "report/gate/gate.hpp"\n#include <CLI/CLI.hpp>\n',
            "report/gate/gate.cpp": '#include "report/compare/side.hpp"\n#include <CLI/CLI.hpp>\n',
            "benchmarks/one.cpp": '#include "fixtures/experiment.hpp"\n'})
        self.assertEqual((done.returncode, done.stdout),
                         (0, "layers: 5 files, every include points the right way\n"), done.stderr)

    def test_names_the_line_that_points_the_wrong_way(self):
        self.assert_fault("src/base/errors.cpp", '#include "src/base/errors.hpp"\n\n#  include "src/train/step.hpp"\n',
                          "src/base/errors.cpp:3: src/base may not include src/train ('src/train/step.hpp')")

    def test_keeps_the_order_of_the_report_s_folders(self):
        self.assert_fault("report/compare/side.cpp", '#include "report/gate/gate.hpp"\n',
                          "report/compare/side.cpp:1: report/compare may not include report/gate "
                          "('report/gate/gate.hpp')")
        self.assert_fault("report/compare/side.cpp", "#include <sqlite3.h>\n",
                          "report/compare/side.cpp:1: report/compare may not include the library header 'sqlite3.h'")

    def test_is_not_fooled_by_angle_brackets(self):
        self.assert_fault("report/main.cpp", "#include <src/harness/worker.hpp>\n",
                          "report/main.cpp:1: report may not include src/harness ('src/harness/worker.hpp')")

    def test_names_a_library_in_the_wrong_layer(self):
        self.assert_fault("src/harness/worker.cpp", "#include <torch/torch.h>\n",
                          "src/harness/worker.cpp:1: src/harness may not include the library header 'torch/torch.h'")

    def test_names_a_path_that_does_not_start_at_the_root(self):
        for header in ("errors.hpp", "../base/errors.hpp", "tests/base/x.hpp"):
            self.assert_fault("src/base/errors.cpp", f'#include "{header}"\n',
                              f"src/base/errors.cpp:1: '{header}' is not a path from the root of the tree")

    def test_names_a_file_below_src_that_is_in_no_layer(self):
        done = self.check({"src/other/x.cpp": '#include "src/train/step.hpp"\n'})
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith("src/other/x.cpp:1: is in no layer"), done.stdout)

    def test_gives_every_fault(self):
        done = self.check({"src/base/a.cpp": '#include "fixtures/a.hpp"\n#include "report/b.hpp"\n',
                           "src/stats/b.hpp": '#include "src/data/c.hpp"\n'})
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 3), done.stdout)

    def test_refuses_a_folder_that_is_no_tree(self):
        (self.root / "src").rmdir()
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn(f"'{self.root}' has no folder src", done.stderr)

    def test_passes_this_tree(self):
        done = subprocess.run([ROOT / "ci/check_layers"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
