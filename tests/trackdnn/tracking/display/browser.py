"""A headless Chromium that is driven over a pipe, as its own tools do."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless",
    # As root, in containers, there is no sandbox to be had.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--remote-debugging-pipe",
)


def chromium():
    """Path of the program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of one browser; `troubles` are all errors that it has told of."""

    def __init__(self, folder, size=(1440, 900), options=()):
        read_end, self._to = os.pipe()
        self._from, write_end = os.pipe()

        def place_pipes():
            # The browser reads from 3 and writes to 4. Copies first: an end may be 3.
            ends = [os.dup(read_end), os.dup(write_end)]
            high = [os.dup2(end, 50 + at) for at, end in enumerate(ends)]
            for number, end in zip((3, 4), high, strict=True):
                os.dup2(end, number)

        self._process = subprocess.Popen(
            [
                chromium(),
                *_OPTIONS,
                *options,
                f"--user-data-dir={folder}",
                f"--window-size={size[0]},{size[1]}",
                "about:blank",
            ],
            preexec_fn=place_pipes,
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_end)
        os.close(write_end)
        self._number, self._rest, self._session = 0, b"", None
        self.troubles, self.requests = [], []

    def __enter__(self):
        pages = self.ask("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in pages if one["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self._session = None
        with contextlib.suppress(OSError, EOFError):
            self.ask("Browser.close")
        os.close(self._to)
        os.close(self._from)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, method, **values):
        """Send one command, and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            self._note(answer)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def open(self, address):
        # Another address after the # of the same page would not load it again.
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=address)
        self.run(
            "new Promise(done => document.readyState === 'complete' ? done() "
            ": addEventListener('load', () => done()))"
        )
        self.settle()

    def settle(self):
        """Two frames: what was asked for is drawn."""
        self.run(
            "new Promise(done => requestAnimationFrame("
            "() => requestAnimationFrame(() => done())))"
        )

    def run(self, expression):
        """Value of a JavaScript expression in the page."""
        answer = self.ask(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def mouse(self, kind, x, y, **values):
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **values)

    def click(self, x, y, modifiers=0):
        for kind in ("mousePressed", "mouseReleased"):
            values = {"button": "left", "clickCount": 1, "modifiers": modifiers}
            self.mouse(kind, x, y, **values)
        self.settle()

    def key(self, key):
        values = {"key": key, "text": key} if len(key) == 1 else {"key": key}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **values)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)
        self.settle()

    def screenshot(self, path):
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def _next(self):
        while b"\0" not in self._rest:
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise EOFError("the browser has gone")
            self._rest += piece
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def _note(self, message):
        method, values = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.troubles.append(values["exceptionDetails"])
        if method == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.troubles.append(values["entry"])
        if method == "Runtime.consoleAPICalled" and values["type"] == "error":
            self.troubles.append(values["args"])
        if method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
