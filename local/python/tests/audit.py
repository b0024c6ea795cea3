"""What the proxy says of itself: who asked for what, and how many bytes they got."""

import time
from dataclasses import dataclass
from pathlib import Path

from snapslice_local.rest import LocalStack


@dataclass(frozen=True)
class AuditLog:
    """The audit's lines that the proxy wrote since some moment."""

    file: Path
    begin: int

    @staticmethod
    def of(stack: LocalStack) -> "AuditLog":
        file = stack.state / "proxy.log"
        return AuditLog(file, file.stat().st_size)

    def lines(self) -> list[str]:
        """Once no more come: each is written after its answer was sent."""
        size = -1
        while size != (now := self.file.stat().st_size):
            size = now
            time.sleep(0.5)
        return self.file.read_bytes()[self.begin :].decode().splitlines()

    def bytes_by_operation(self, bucket: str) -> dict[str, int]:
        """Bytes of bodies that the proxy sent."""
        sent: dict[str, int] = {}
        for line in self.lines():
            if f" bucket={bucket} " in line:
                fields = dict(part.split("=", 1) for part in line.split() if "=" in part)
                operation = fields["operation"]
                sent[operation] = sent.get(operation, 0) + int(fields["bytes"])
        return sent
