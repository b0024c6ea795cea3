"""A client that takes its time."""

import socket
from urllib.parse import urlsplit

PIECE = 1024 * 1024


class SlowDownload:
    """A GET on a connection of its own, whose body is read when one wants."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.connection = socket.create_connection((where.hostname, where.port), timeout=60)
        # Little is on its way: what has not been read here is not yet sent.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        request = f"GET {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n"
        self.connection.sendall(request.encode())
        self.answer = self.connection.makefile("rb")
        self.status = int(self.answer.readline().split()[1])
        headers = dict(
            line.decode().strip().lower().split(": ", 1)
            for line in iter(self.answer.readline, b"\r\n")
        )
        self.length = int(headers["content-length"])

    def rest(self) -> int:
        """Read to the end; how many bytes there were."""
        read = 0
        while read < self.length and (piece := self.answer.read(min(PIECE, self.length - read))):
            read += len(piece)
        self.close()
        return read

    def close(self) -> None:
        self.answer.close()
        self.connection.close()
