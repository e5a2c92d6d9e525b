#!/usr/bin/env python3
"""Tests of ci/setup with pip, apt-get and sudo played by scripts."""
import os
import pathlib
import unittest

from script_world import ScriptTest


class SetupTest(ScriptTest):
    def set_up(self, *arguments, **environment):
        return self.run_script(self.root / "ci/setup", *arguments, **environment)

    def installed(self):
        done = self.set_up("--print-torch-dir")
        self.assertEqual(done.returncode, 0, done.err)
        self.forget_calls()
        return pathlib.Path(done.out.strip())

    def test_names_the_torch_folder_without_installing_it(self):
        expected = self.run_script(self.root / "ci/setup", "--expected-torch-dir")
        self.assertEqual((expected.returncode, self.calls("pip"), self.cached()), (0, [], []), expected.err)
        printed = self.run_script(self.root / "ci/setup", "--print-torch-dir")
        self.assertEqual(expected.out, printed.out)

    def test_installs_torch_into_the_cache_and_prints_its_folder(self):
        done = self.set_up("--print-torch-dir")
        self.assertEqual(done.returncode, 0, done.err)
        place = pathlib.Path(done.out.strip())
        self.assertEqual((place / "torch/lib/libtorch_cpu.so").read_text(), "whole\n")
        self.assertEqual([place.name], self.cached())
        self.assertEqual(place.parent, self.cache)
        call, = self.calls("pip")
        self.assertIn("--require-hashes", call)
        self.assertIn(f"-r {self.root}/ci/requirements-cpu.txt", call)

    def test_lets_pip_unpack_on_the_disk_of_the_cache(self):
        self.set_up()
        self.assertIn(f"TMPDIR={self.cache}/torch-cpu-", self.calls("pip")[0])

    def test_calls_neither_apt_nor_pip_when_all_is_there(self):
        place = self.installed()
        done = self.set_up("--print-torch-dir")
        self.assertEqual((done.returncode, done.out, done.err), (0, f"{place}\n", ""))
        self.assertEqual(self.calls("apt-get") + self.calls("pip") + self.calls("sudo"), [])

    def test_prints_nothing_on_stdout_unless_asked(self):
        self.assertEqual(self.set_up().out, "")
        self.assertEqual(self.set_up().out, "")

    def test_installs_just_the_missing_packages_as_root(self):
        done = self.set_up(FAKE_MISSING="ninja-build libfmt-dev")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(self.calls("apt-get"), [
            "apt-get -q update", "apt-get -q -y --no-install-recommends install libfmt-dev ninja-build"])
        self.assertEqual(self.calls("sudo"), [])

    def test_installs_by_a_sudo_that_asks_for_no_password(self):
        done = self.set_up(FAKE_MISSING="cmake", FAKE_UID="1000", FAKE_SUDO="yes")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(self.calls("apt-get")[1], "apt-get -q -y --no-install-recommends install cmake")
        self.assertEqual(len(self.calls("sudo")), 3)

    def test_prints_the_one_command_where_it_may_not_install(self):
        for without_sudo in (False, True):
            if without_sudo:
                (self.bin / "sudo").unlink()
            done = self.set_up(FAKE_MISSING="cmake g++", FAKE_UID="1000")
            self.assert_fails(done, 69)
            self.assertTrue(done.err.endswith("sudo apt-get install cmake g++\n"), done.err)
            self.assertEqual(self.calls("apt-get") + self.calls("pip"), [])

    def test_gives_the_last_words_of_an_apt_get_that_fails(self):
        done = self.set_up(FAKE_MISSING="cmake", FAKE_APT_WORDS="E: Unable to fetch some archives")
        self.assert_fails(done, 69, "E: Unable to fetch some archives", "could not install: cmake.")
        self.assertEqual(self.calls("pip"), [])
        self.assertEqual(list(self.folder.glob("tmp.*")), [])

    def test_names_a_temporary_folder_that_cannot_be_written(self):
        done = self.set_up(FAKE_MISSING="cmake", TMPDIR="/proc/x")
        self.assert_fails(done, 74, "'/proc/x'", "set TMPDIR")

    def test_goes_on_where_the_machine_is_not_debian(self):
        (self.bin / "dpkg-query").unlink()
        done = self.set_up()
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("not Debian", done.err)

    def test_leaves_nothing_behind_when_pip_fails(self):
        done = self.set_up("--print-torch-dir", FAKE_PIP="network")
        self.assert_fails(done, 69, "No matching distribution", "Torch_DIR or CMAKE_PREFIX_PATH")
        self.assertEqual((done.out, self.cached()), ("", []))
        self.assertTrue(self.installed().is_dir())

    def test_tells_a_full_disk_from_a_missing_network(self):
        done = self.set_up(FAKE_PIP="full")
        self.assert_fails(done, 74, "No space left on device", f"No space left in '{self.cache}'", "XDG_CACHE_HOME")
        self.assertEqual(self.cached(), [])

    def test_never_takes_a_killed_install_for_a_finished_one(self):
        done = self.set_up(FAKE_PIP="killed")
        self.assertEqual(done.returncode, -9)
        left, = self.cached()
        self.assertTrue(left.endswith(".partial"), left)
        place = self.installed()
        self.assertEqual((place / "torch/lib/libtorch_cpu.so").read_text(), "whole\n")
        self.assertEqual(self.cached(), [place.name])

    def test_removes_what_a_killed_install_of_other_requirements_left(self):
        (self.cache / "torch-cuda-0123456789abcdef.partial/torch").mkdir(parents=True)
        self.assertEqual([self.installed().name], self.cached())

    def test_keeps_the_finished_install_of_other_requirements(self):
        (self.cache / "torch-cuda-0123456789abcdef/torch").mkdir(parents=True)
        self.installed()
        self.assertIn("torch-cuda-0123456789abcdef", self.cached())

    def test_installs_once_when_two_start_together(self):
        both = [self.start(self.root / "ci/setup", "--print-torch-dir", FAKE_PIP="slow") for _ in range(2)]
        said = [process.communicate(timeout=30) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertEqual(said[0][0], said[1][0])
        self.assertEqual(len(self.calls("pip")), 1)
        self.assertEqual(len(self.cached()), 1)

    def test_gives_each_tier_and_each_requirements_file_its_own_folder(self):
        cpu = self.installed()
        cuda = pathlib.Path(self.set_up("--print-torch-dir", TRAINBENCH_TIER="cuda").out.strip())
        self.assertIn("requirements-cuda.txt", self.calls("pip")[0])
        with open(self.root / "ci/requirements-cpu.txt", "a", encoding="utf-8") as file:
            file.write("# another\n")
        changed = self.installed()
        self.assertEqual(len({cpu, cuda, changed}), 3)
        self.assertTrue(cpu.is_dir() and cuda.is_dir() and changed.is_dir())

    def test_chooses_cuda_where_its_compiler_is(self):
        (self.bin / "nvcc").symlink_to(self.bin / "bash")
        done = self.set_up("--print-torch-dir", TRAINBENCH_TIER=None)
        self.assertIn("/torch-cuda-", done.out)

    @unittest.skipIf(os.path.exists("/proc/driver/nvidia/version"), "this machine has an NVIDIA driver")
    def test_chooses_cpu_without_compiler_and_driver(self):
        for tier in (None, ""):
            self.assertIn("/torch-cpu-", self.set_up("--print-torch-dir", TRAINBENCH_TIER=tier).out)

    def test_refuses_another_tier(self):
        done = self.set_up(TRAINBENCH_TIER="gpu")
        self.assert_fails(done, 64, "TRAINBENCH_TIER is 'cpu' or 'cuda', not 'gpu'")
        self.assertFalse(self.log.exists())

    def test_refuses_an_unknown_argument(self):
        self.assert_fails(self.set_up("--cuda"), 64, "'--cuda'", "--report-only")

    def test_installs_no_torch_where_the_user_has_one(self):
        for name in ("Torch_DIR", "CMAKE_PREFIX_PATH"):
            done = self.set_up("--print-torch-dir", **{name: "/opt/torch"})
            self.assertEqual((done.returncode, done.out), (0, "\n"), done.err)
        self.assertEqual(self.calls("pip"), [])

    def test_needs_neither_pip_nor_google_benchmark_for_the_report_alone(self):
        done = self.set_up("--report-only", FAKE_MISSING="libbenchmark-dev python3-pip")
        self.assertEqual((done.returncode, done.err), (0, ""))
        self.assertEqual(self.calls("pip") + self.calls("apt-get"), [])

    def test_asks_for_the_linters_only_with_lint(self):
        self.installed()
        self.set_up(FAKE_MISSING="clang-tidy")
        self.assertEqual(self.calls("apt-get"), [])
        self.set_up("--lint", FAKE_MISSING="clang-tidy")
        self.assertEqual(self.calls("apt-get")[1].split()[-1], "clang-tidy")

    def test_names_a_cache_that_cannot_be_written(self):
        file = self.folder / "file"
        file.touch()
        for cache in ("/proc/x", f"{file}/cache"):
            done = self.set_up(XDG_CACHE_HOME=cache)
            self.assert_fails(done, 74, f"'{cache}/trainbench'", "set XDG_CACHE_HOME")
        (self.cache / "lock").mkdir(parents=True)
        self.assert_fails(self.set_up(), 74, f"'{self.cache}'", "set XDG_CACHE_HOME")
        self.assertEqual(self.calls("pip"), [])

    def test_names_a_file_in_the_place_of_the_folder(self):
        place = self.installed()
        place.rename(self.folder / "moved")
        place.touch()
        self.assert_fails(self.set_up(), 74, str(place), "remove what is there")

    def test_works_without_home_when_the_cache_is_named_and_says_so_otherwise(self):
        self.assertEqual(self.set_up(HOME=None).returncode, 0)
        for home in (None, ""):
            self.assert_fails(self.set_up(HOME=home, XDG_CACHE_HOME=None), 74, "Neither HOME nor XDG_CACHE_HOME")

    def test_makes_a_relative_cache_whole(self):
        done = self.set_up("--print-torch-dir", XDG_CACHE_HOME="cache")
        self.assertTrue(done.out.startswith(f"{self.cache}/torch-cpu-"), done.out)

    def test_finds_its_checkout_whatever_cdpath_says(self):
        done = self.run_script("ci/setup", cwd=self.root, CDPATH=str(self.root))
        self.assertEqual((done.returncode, done.out), (0, ""), done.err)


if __name__ == "__main__":
    unittest.main()
