#!/usr/bin/env python3
"""Tests of ci/fetch_cifar10 against a server on this machine."""
import hashlib
import http.server
import io
import os
import pathlib
import signal
import subprocess
import tarfile
import tempfile
import threading
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "ci" / "fetch_cifar10"
RECORD_FILES = [f"data_batch_{n}.bin" for n in range(1, 6)] + ["test_batch.bin"]


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def good_files():
    files = {f"cifar-10-batches-bin/{name}": bytes([n]) + bytes(3072) for n, name in enumerate(RECORD_FILES)}
    files["cifar-10-batches-bin/batches.meta.txt"] = b"airplane\n"
    return files


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.send, self.requests = b"", None, 0
        self.stalled, self.release = threading.Event(), threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.path != "/cifar.tar.gz":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body[:self.server.send])
        if self.server.send == 0:
            self.wfile.flush()
            self.server.stalled.set()
            self.server.release.wait(60)

    def log_message(self, *_):
        pass


class FetchCifar10(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.root = pathlib.Path(self.temporary.name)
        self.folder = self.root / "data" / "cifar-10-batches-bin"
        self.server = Server()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.release.set)
        self.serve(archive(good_files()))

    def serve(self, body):
        self.server.body = body
        self.environment = {
            **os.environ, "no_proxy": "127.0.0.1", "TRAINBENCH_CIFAR10_MD5": hashlib.md5(body).hexdigest(),
            "TRAINBENCH_CIFAR10_URL": f"http://127.0.0.1:{self.server.server_port}/cifar.tar.gz"}

    def fetch(self, *arguments):
        return subprocess.run([SCRIPT, *(arguments or [self.folder])], env=self.environment, timeout=60,
                              capture_output=True, text=True)

    def expect_nothing_kept(self):
        left = [path for path in self.root.rglob("*") if path.is_file()] + list(self.root.rglob("*.partial"))
        self.assertEqual(left, [])
        self.assertFalse(self.folder.exists())

    def test_a_good_archive_is_unpacked_whole_and_leaves_nothing_beside(self):
        done = self.fetch()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual({p.name for p in self.folder.iterdir()}, {*RECORD_FILES, "batches.meta.txt"})
        self.assertEqual((self.folder / "test_batch.bin").read_bytes(), bytes([5]) + bytes(3072))
        self.assertEqual(list(self.folder.parent.iterdir()), [self.folder])

    def test_a_set_that_is_already_there_needs_no_network(self):
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.server.requests, 1)
        again = self.fetch()
        self.assertEqual(again.returncode, 0)
        self.assertIn("already there", again.stdout)
        self.assertEqual(self.server.requests, 1)

    def test_a_wrong_checksum_is_21_and_names_both(self):
        self.environment["TRAINBENCH_CIFAR10_MD5"] = "0" * 32
        done = self.fetch()
        self.assertEqual(done.returncode, 21)
        self.assertIn(hashlib.md5(self.server.body).hexdigest(), done.stderr)
        self.assertIn("0" * 32, done.stderr)
        self.expect_nothing_kept()

    def test_the_original_checksum_holds_unless_a_test_says_otherwise(self):
        del self.environment["TRAINBENCH_CIFAR10_MD5"]
        done = self.fetch()
        self.assertEqual(done.returncode, 21)
        self.assertIn("not c32a1d4ab5d03f1284b67883e8d87530", done.stderr)

    def test_a_truncated_download_is_69_and_says_where_it_ended(self):
        self.server.send = 100
        done = self.fetch()
        self.assertEqual(done.returncode, 69)
        self.assertIn(f"100 of {len(self.server.body)} bytes", done.stderr)
        self.expect_nothing_kept()

    def test_a_missing_file_on_the_server_is_69(self):
        self.environment["TRAINBENCH_CIFAR10_URL"] += ".gone"
        done = self.fetch()
        self.assertEqual(done.returncode, 69)
        self.assertIn("the server answered 404", done.stderr)
        self.expect_nothing_kept()

    def test_no_server_is_69_and_names_the_ways_out(self):
        self.server.shutdown()
        self.server.server_close()
        done = self.fetch()
        self.assertEqual(done.returncode, 69)
        for way_out in ("TRAINBENCH_CIFAR10_URL", "--data=synthetic"):
            self.assertIn(way_out, done.stderr)
        self.expect_nothing_kept()

    def test_a_url_that_is_none_is_69(self):
        self.environment["TRAINBENCH_CIFAR10_URL"] = "nowhere"
        done = self.fetch()
        self.assertEqual(done.returncode, 69)
        self.assertIn("'nowhere'", done.stderr)

    def test_an_interrupted_run_leaves_nothing_that_looks_finished(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            self.server.send = 0
            self.server.stalled.clear()
            with subprocess.Popen([SCRIPT, self.folder], env=self.environment, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                self.assertTrue(self.server.stalled.wait(30))
                process.send_signal(number)
                self.assertEqual(process.wait(30), code)
            self.expect_nothing_kept()

    def test_what_a_killed_run_left_does_not_stand_in_the_way(self):
        self.server.send = 0
        with subprocess.Popen([SCRIPT, self.folder], env=self.environment, stdout=subprocess.DEVNULL) as process:
            self.assertTrue(self.server.stalled.wait(30))
            second = self.fetch()
            self.assertEqual(second.returncode, 74)
            self.assertIn("Another ci/fetch_cifar10 is at work", second.stderr)
            process.kill()
        self.assertFalse(self.folder.exists())
        self.server.send = None
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(list(self.folder.parent.iterdir()), [self.folder])

    def test_an_archive_without_the_files_is_21(self):
        files = good_files()
        del files["cifar-10-batches-bin/data_batch_3.bin"]
        self.serve(archive(files))
        done = self.fetch()
        self.assertEqual(done.returncode, 21)
        self.assertIn("does not hold the six record files", done.stderr)
        self.expect_nothing_kept()

    def test_something_that_is_no_archive_is_21(self):
        self.serve(b"<html>moved</html>")
        done = self.fetch()
        self.assertEqual(done.returncode, 21)
        self.assertIn("cannot be unpacked", done.stderr)
        self.expect_nothing_kept()

    def test_an_archive_cannot_write_outside_its_folder(self):
        self.serve(archive({**good_files(), "../../escaped.txt": b"x", "/tmp/../escaped.bin": b"x"}))
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual({p.name for p in self.folder.iterdir()}, {*RECORD_FILES, "batches.meta.txt"})
        self.assertEqual(list(self.root.rglob("escaped*")), [])

    def test_a_folder_that_cannot_be_made_is_74(self):
        (self.root / "file").write_text("x")
        done = self.fetch(self.root / "file" / "data")
        self.assertEqual(done.returncode, 74)
        self.assertIn("Cannot write", done.stderr)
        self.assertEqual(self.server.requests, 0)

    def test_a_folder_with_something_else_in_it_is_left_alone(self):
        self.folder.mkdir(parents=True)
        (self.folder / "data_batch_1.bin").write_bytes(bytes(3073))
        done = self.fetch()
        self.assertEqual(done.returncode, 21)
        self.assertIn("move it away", done.stderr)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["data_batch_1.bin"])

    def test_wrong_arguments_are_64(self):
        for arguments in (["a", "b"], ["--force"]):
            done = self.fetch(*arguments)
            self.assertEqual(done.returncode, 64)
            self.assertIn("ci/fetch_cifar10 [DIR]", done.stderr)


if __name__ == "__main__":
    unittest.main()
