"""Headless Chromium, driven over its debugging pipe: no port, no network, no library."""
import base64
import collections
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
         "--no-first-run", "--mute-audio", "--remote-debugging-pipe"]
KEY_CODES = {"Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
             "ArrowDown": 40, "Tab": 9}


class Chromium:
    """One browser with one page. Its messages are JSON texts that end in a zero byte."""

    def __init__(self, answer_within_s=30.0):
        self.answer_within_s = answer_within_s
        self.profile = tempfile.mkdtemp(prefix="history page ")
        self.events = collections.deque()
        self.last_id = 0
        self.pending = b""
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        self.process = self._start(to_browser, from_browser)
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = None
        self.session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(domain + ".enable")

    def _start(self, to_browser, from_browser):
        """Chromium reads its commands from descriptor 3 and answers on 4."""
        self.session = None
        # Numbers that are not 3 or 4 first: one of the ends may be either.
        reads, writes = os.dup(to_browser), os.dup(from_browser)
        command = f'exec "$@" 3<&{reads} 4>&{writes}'
        process = subprocess.Popen(
            ["/bin/bash", "-c", command, "chromium", PROGRAM, *FLAGS, f"--user-data-dir={self.profile}"],
            pass_fds=(reads, writes), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_browser, from_browser, reads, writes):
            os.close(end)
        return process

    def close(self):
        os.close(self.write_end)
        os.close(self.read_end)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read_message(self, until):
        while b"\0" not in self.pending:
            ready, _, _ = select.select([self.read_end], [], [], max(0.0, until - time.monotonic()))
            part = os.read(self.read_end, 1 << 20) if ready else b""
            if not part:
                raise TimeoutError("Chromium " + ("closed its pipe." if ready else "gives no answer."))
            self.pending += part
        text, _, self.pending = self.pending.partition(b"\0")
        return json.loads(text)

    def _call(self, method, parameters=None):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters or {}}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self.answer_within_s
        while True:
            answer = self._read_message(until)
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address):
        """Loads the page anew, with no event kept of what was before."""
        self._call("Page.navigate", {"url": "about:blank"})  # else a new # alone would load nothing
        self.wait_for("location.href === 'about:blank'")
        self.events.clear()
        self._call("Page.navigate", {"url": address})
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression):
        answer = self._call("Runtime.evaluate",
                            {"expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, condition, within_s=10.0):
        until = time.monotonic() + within_s
        while not self.evaluate(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise TimeoutError(f"{condition} is still not so after {within_s} s.")
            time.sleep(0.02)

    def press(self, key):
        character = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = KEY_CODES.get(key, ord(key[0].upper()))
        self._call("Input.dispatchKeyEvent",
                   {"type": "keyDown", "key": key, "windowsVirtualKeyCode": code, **character})
        self._call("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "windowsVirtualKeyCode": code})

    def type_text(self, text):
        for character in text:
            self.press(character)

    def move_pointer(self, x, y):
        self._call("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})

    def set_window(self, width, height, dark=False, phone=False):
        self._call("Emulation.setDeviceMetricsOverride",
                   {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})
        self._call("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def without_script(self, is_off):
        self._call("Emulation.setScriptExecutionDisabled", {"value": is_off})

    def save_picture(self, file, whole=False):
        picture = self._call("Page.captureScreenshot", {"captureBeyondViewport": whole})
        with open(file, "wb") as output:
            output.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """What the page has put on the console, thrown or been refused, so far."""
        self.evaluate("0")  # events that are under way come before its answer
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [event["params"] for event in self.events if event.get("method") in kinds]

    def requests(self):
        """The addresses that were asked for, so far."""
        self.evaluate("0")
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]
