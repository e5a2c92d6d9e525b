#!/usr/bin/env python3
"""Tests of ci/build with cmake and ninja played by scripts."""
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import unittest

from script_world import ScriptTest


class BuildTest(ScriptTest):
    def build(self, *arguments, **environment):
        return self.run_script(self.root / "ci/build", *arguments, **environment)

    def built(self, *arguments, **environment):
        """Builds, and returns how often it configured."""
        self.forget_calls()
        done = self.build(*(arguments or ["release"]), **environment)
        self.assertEqual(done.returncode, 0, done.err)
        return len(self.calls("cmake"))

    def test_prints_the_folder_and_nothing_else(self):
        done = self.build("release", "bench", "bench-report")
        self.assertEqual((done.returncode, done.out), (0, f"{self.root}/build/release\n"), done.err)
        self.assertTrue(self.calls("ninja")[0].endswith(f"-C {self.root}/build/release bench bench-report"))

    def test_says_nothing_on_stderr_when_there_is_nothing_to_configure(self):
        self.built()
        self.assertEqual(self.build("release").err, "")

    def test_gives_cmake_the_torch_folder_and_the_arguments(self):
        self.built("release", TRAINBENCH_CMAKE_ARGUMENTS="-DA=1  -DB=2")
        call, = self.calls("cmake")
        self.assertIn(f"-DTRAINBENCH_TORCH_DIR={self.cache}/torch-cpu-", call)
        self.assertTrue(call.endswith(" -DA=1 -DB=2"), call)

    def test_keeps_stars_in_the_arguments_as_they_are(self):
        (self.folder / "-DB=x").touch()
        self.built("release", TRAINBENCH_CMAKE_ARGUMENTS="-DB=*")
        self.assertTrue(self.calls("cmake")[0].endswith(" -DB=*"))

    def test_configures_once_and_again_when_a_setting_changed(self):
        self.assertEqual(self.built(), 1)
        self.assertEqual(self.built(), 0)
        self.assertEqual(self.built(TRAINBENCH_CMAKE_ARGUMENTS="-DA=1"), 1)
        self.assertEqual(self.built(TRAINBENCH_CMAKE_ARGUMENTS="-DA=1"), 0)
        self.assertEqual(self.built(TRAINBENCH_TIER="cuda"), 1)
        self.assertEqual(self.built(Torch_DIR="/opt/torch"), 1)
        self.assertEqual(self.built(Torch_DIR="/opt/other"), 1)
        self.assertEqual(self.built(CMAKE_PREFIX_PATH="/opt/torch"), 1)

    def test_forgets_the_settings_of_an_earlier_configuration(self):
        self.built(Torch_DIR="/opt/torch")
        self.assertIn("--fresh", self.calls("cmake")[0])

    def test_configures_again_after_a_configuration_that_failed(self):
        self.built()
        self.assertEqual(self.build("release", TRAINBENCH_CMAKE_ARGUMENTS="-DX", FAKE_CMAKE_WORDS="no").returncode, 70)
        self.assertEqual(self.built(), 1)

    def test_configures_again_when_the_presets_have_changed(self):
        self.built()
        presets = self.root / "CMakePresets.json"
        presets.write_text(presets.read_text().replace("-O2", "-O1"))
        self.assertEqual(self.built(), 1)
        self.assertEqual(self.built(), 0)

    def test_configures_again_when_the_build_file_is_gone(self):
        self.built()
        (self.root / "build/release/build.ninja").unlink()
        self.assertEqual(self.built(), 1)

    def test_builds_each_preset_in_its_own_folder(self):
        self.built()
        self.assertEqual(self.built("dev"), 1)
        self.assertEqual(self.built(), 0)

    def test_gives_the_end_of_the_log_when_compiling_fails(self):
        done = self.build("release", FAKE_NINJA_WORDS="x.cpp:3: error: expected ';'")
        self.assert_fails(done, 70, "error: expected ';'", "Compiling failed", f"{self.root}/build/release/build.log")
        self.assertEqual(done.out, "")
        self.assertNotIn("\n30\n", done.err)
        self.assertIn("\n90\n", done.err)

    def test_gives_the_end_of_the_log_when_configuring_fails(self):
        done = self.build("release", FAKE_CMAKE_WORDS="CMake Error: no Boost")
        self.assert_fails(done, 70, "CMake Error: no Boost", "Configuring failed")
        self.assertEqual(self.calls("ninja"), [])

    def test_tells_a_full_disk_from_a_wrong_source(self):
        done = self.build("release", FAKE_NINJA_WORDS="as: cannot write x.o: No space left on device")
        self.assert_fails(done, 74, "No space left on device", f"{self.root}/build/release")

    def build_on_a_terminal(self, **environment):
        """Builds with a terminal for stderr; returns the code and what the terminal showed."""
        controller, terminal = pty.openpty()
        done = subprocess.run([self.root / "ci/build", "release"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=terminal, timeout=30, check=False, env=self.environment | environment)
        os.write(terminal, b"the end")
        shown = b""
        while not shown.endswith(b"the end"):
            shown += os.read(controller, 65536)
        os.close(terminal)
        os.close(controller)
        return done.returncode, shown.decode().removesuffix("the end")

    def test_names_no_log_where_a_terminal_has_the_words(self):
        code, shown = self.build_on_a_terminal(FAKE_NINJA_WORDS="expected ';'")
        self.assertEqual(code, 70, shown)
        self.assertIn("expected ';'", shown)
        self.assertIn("the words are above", shown)
        self.assertNotIn("build.log", shown)

    def test_says_nothing_on_a_terminal_either_when_nothing_is_compiled(self):
        self.built()
        words = ["ninja: Entering directory `build'",
                 "[1/20] cd build && cmake -DOUTPUT=x.hpp -P /x/ci/cmake/WriteBuildInfo.cmake", "ninja: no work to do."]
        self.assertEqual(self.build_on_a_terminal(FAKE_NINJA_SAYS="\n".join(words)), (0, ""))

    def test_shows_progress_on_one_line_of_a_terminal_and_warnings_below_it(self):
        self.built()
        words = ["[1/20] Building a.o", "[2/20] Building b.o", "b.cpp:1: warning: odd", "[20/20] Linking"]
        self.assertEqual(self.build_on_a_terminal(FAKE_NINJA_SAYS="\n".join(words)), (
            0, "\r\033[K[1/20] Building a.o\r\033[K[2/20] Building b.o\r\nb.cpp:1: warning: odd\r\n"
               "\r\033[K[20/20] Linking\r\n"))

    def test_ends_ninja_and_itself_when_interrupted_and_calls_it_no_failure(self):
        for name, code in (("INT", 130), ("TERM", 143)):
            for kill in (os.kill, os.killpg):
                with self.subTest(f"{kill.__name__} {name}"):
                    self.forget_calls()
                    process = self.start(self.root / "ci/build", "release", FAKE_NINJA_WAIT="1")
                    self.wait_for(lambda: "ninja waits" in self.calls("ninja"), "ninja never started")
                    kill(process.pid, signal.Signals[f"SIG{name}"])
                    process.out, process.err = process.communicate(timeout=20)
                    self.assert_fails(process, code, "Interrupted")
                    self.assertEqual(process.out, "")
                    self.assertNotIn("failed", process.err)
                    self.assertIn("ninja ended", self.calls("ninja"))

    def test_can_be_interrupted_while_it_waits_for_another_build(self):
        first = self.start(self.root / "ci/build", "release", FAKE_NINJA_WAIT="1")
        self.wait_for(lambda: "ninja waits" in self.calls("ninja"), "ninja never started")
        second = self.start(self.root / "ci/build", "release")
        self.assertIn("another build is at work", second.stderr.readline())
        second.terminate()
        second.out, second.err = second.communicate(timeout=20)
        self.assert_fails(second, 143, "Interrupted")
        first.terminate()
        first.communicate(timeout=20)

    def test_refuses_no_preset_and_an_unknown_one(self):
        self.assert_fails(self.build(), 64, "ci/build PRESET [TARGET...]", "release, cpu-tier, dev, report-only")
        for preset in ("debug", "base", "../release", "-x"):
            self.assert_fails(self.build(preset), 64, f"no preset '{preset}'")
        self.assertFalse((self.root / "build").exists())
        self.assertFalse(self.log.exists())

    def test_passes_on_that_set_up_is_impossible(self):
        self.assert_fails(self.build("release", FAKE_PIP="network"), 69, "LibTorch could not be installed")
        self.assert_fails(self.build("release", TRAINBENCH_TIER="gpu"), 64, "'gpu'")
        self.assertEqual(self.calls("cmake"), [])

    def test_needs_no_torch_for_the_report_alone(self):
        self.assertEqual(self.built("report-only"), 1)
        self.assertEqual(self.calls("pip"), [])
        self.assertIn("-DTRAINBENCH_TORCH_DIR= ", self.calls("cmake")[0] + " ")

    def test_builds_in_the_cache_where_the_checkout_takes_no_folder(self):
        (self.root / "build").touch()
        done = self.build("release")
        self.assertEqual(done.returncode, 0, done.err)
        folder = pathlib.Path(done.out.strip())
        self.assertEqual((folder.name, folder.parent.parent), ("release", self.cache))
        self.assertTrue((folder / "bench").is_file())

    def test_builds_in_the_cache_of_a_read_only_checkout(self):
        mounted = f'mount --bind "{self.root}" "{self.root}" && mount -o remount,ro,bind "{self.root}"'
        unshare = shutil.which("unshare")
        if not unshare or subprocess.run([unshare, "-m", "sh", "-c", mounted], capture_output=True, check=False).returncode:
            self.skipTest("this machine lets us mount nothing read-only")
        done = self.run_script(
            unshare, "-m", shutil.which("sh"), "-c",
            f'PATH=/bin:/usr/bin:/sbin:/usr/sbin; {mounted}; PATH="{self.bin}"; exec "{self.root}/ci/build" release')
        self.assertEqual(done.returncode, 0, done.err)
        self.assertTrue(done.out.startswith(f"{self.cache}/build-"), done.out)
        self.assertFalse((self.root / "build").exists())

    def test_keeps_two_checkouts_apart_in_the_cache(self):
        other = self.folder / "other"
        shutil.copytree(self.root, other)
        (self.root / "build").touch()
        (other / "build").touch()
        folders = {self.build("release").out, self.run_script(other / "ci/build", "release").out}
        self.assertEqual(len(folders), 2)

    def test_names_both_folders_when_neither_can_be_written(self):
        (self.root / "build").touch()
        done = self.build("report-only", XDG_CACHE_HOME="/proc/x")
        self.assert_fails(done, 74, f"'{self.root}/build'", "'/proc/x/trainbench/build-", "set XDG_CACHE_HOME")
        self.assert_fails(self.build("report-only", XDG_CACHE_HOME=None, HOME=None), 74, "set XDG_CACHE_HOME")
        self.assertEqual(self.calls("cmake"), [])

    def test_configures_once_when_two_start_together(self):
        both = [self.start(self.root / "ci/build", "release", FAKE_CMAKE_SECONDS="0.4") for _ in range(2)]
        said = [process.communicate(timeout=30) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertEqual((len(self.calls("cmake")), len(self.calls("ninja"))), (1, 2))


if __name__ == "__main__":
    unittest.main()
