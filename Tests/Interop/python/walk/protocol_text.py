"""What PROTOCOL.md says in tables: which methods there are, which need a caller, and which codes reasons have."""

import re
import sys
from pathlib import Path

# Reasons that nobody can provoke over the socket of a daemon that is well: they need a disk that fails, or a fault of the
# daemon's own.
OUT_OF_REACH = {"store_unavailable", "internal"}


class ProtocolText:
    def __init__(self, path):
        self.text = Path(path).read_text(encoding="utf-8")
        # By bare method name: the grants and the caller.
        self.methods = {}
        for _, names, grants, caller, _ in self._rows("Methods"):
            for name in names.split(", "):
                if re.fullmatch("[A-Z][A-Za-z]+", name):
                    self.methods[name] = (set(re.findall("`(.*?)`", grants)), caller)
        # By reason: its code.
        self.codes = {
            reason.strip("`"): int(code.split()[0])
            for reason, code, _ in self._rows("Errors") if reason.startswith("`")}
        if len(self.methods) < 30 or len(self.codes) < 10:
            sys.exit("PROTOCOL.md has no longer the tables of methods and reasons that this walk reads")

    def _rows(self, section):
        """The cells of each line of the tables in a section."""
        body = re.search(rf"^## {section}$(.*?)^## ", self.text, re.MULTILINE | re.DOTALL).group(1)
        for line in body.splitlines():
            if line.startswith("|"):
                yield [cell.strip() for cell in line.strip("|").split("|")]
