"""A tokend of one's own, on a directory of its own."""

import signal
import subprocess
import time
from pathlib import Path


class Daemon:
    def __init__(self, build, directory):
        self.command = [str(Path(build) / "tokend")]
        self.directory = Path(directory)
        self.log = self.directory / "log"
        self.configuration = self.directory / "tokend.conf"
        self.process = None

    def write(self, name, text):
        """Writes a file beside the store, such as the configuration."""
        (self.directory / name).write_text(text, encoding="utf-8")

    def make_store(self):
        self.write("tokend.conf", "")
        subprocess.run(self.command + ["init", "--store", self.directory / "store"], check=True, capture_output=True)

    def start(self):
        offset = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command + [
                    "serve", "--store", self.directory / "store", "--socket", self.directory / "tokend.sock",
                    "--config", self.configuration],
                stderr=log)
        deadline = time.monotonic() + 10
        while b"message=ready" not in self.log.read_bytes()[offset:]:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("tokend was not ready within 10 s:\n" + self.log.read_text())
            time.sleep(0.02)

    def stop(self):
        """By SIGTERM; its end has to be an orderly one."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=20) != 0:
            raise RuntimeError(f"tokend ended with {process.returncode}:\n" + self.log.read_text())

    def kill(self):
        """Whatever has happened, nothing is left behind."""
        if self.process:
            self.process.kill()
            self.process.wait()
