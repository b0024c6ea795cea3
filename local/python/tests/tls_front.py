"""TLS in front of a server, as the load balancer has it in front of the fleet."""

import asyncio
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme
from ports import free_port

PASSWORD = "changeit"


@dataclass(frozen=True)
class TlsFront:
    """Where it is reached, and the key store by which Java trusts it."""

    port: int
    trusted: Path


@contextmanager
def tls_front(target: int, folder: Path) -> Iterator[TlsFront]:
    """Pass on to the ``target`` port of this machine what comes by TLS to a port of its own."""
    certified = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("localhost").configure_cert(certified)
    front = TlsFront(free_port(), _trusted(authority, folder))
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        origin, to_origin = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_passed_on(reader, to_origin), _passed_on(origin, writer))

    loop.run_until_complete(asyncio.start_server(connected, "127.0.0.1", front.port, ssl=certified))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()


def _trusted(authority: trustme.CA, folder: Path) -> Path:
    certificate, store = folder / "authority.pem", folder / "trusted.p12"
    authority.cert_pem.write_to_path(certificate)
    keytool = Path(os.environ["JAVA_HOME"]) / "bin" / "keytool"
    told = ("-alias", "front", "-storepass", PASSWORD, "-file", certificate, "-keystore", store)
    subprocess.run([keytool, "-importcert", "-noprompt", *told], check=True, capture_output=True)
    return store
