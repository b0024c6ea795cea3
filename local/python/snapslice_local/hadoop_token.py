"""``./snapslice hadoop-token``: a Hadoop token file, with which jobs read WebHDFS as somebody.

Hadoop finds it by ``HADOOP_TOKEN_FILE_LOCATION``; Spark and YARN ship it to their tasks.
"""

import argparse
import base64
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import requests


def main() -> None:
    parser = argparse.ArgumentParser(prog="snapslice hadoop-token", description=__doc__)
    parser.add_argument("file", type=Path, help="what to write")
    parser.add_argument("--url", required=True, help="the proxy, as http://localhost:4570")
    parser.add_argument("--access-key", required=True, help="the id of an access key")
    arguments = parser.parse_args()
    secret = os.environ.get("SNAPSLICE_SECRET_ACCESS_KEY")
    if not secret:
        raise SystemExit("set SNAPSLICE_SECRET_ACCESS_KEY to the access key's secret")
    write(arguments.file, arguments.url, arguments.access_key, secret)
    print(f"written: export HADOOP_TOKEN_FILE_LOCATION={arguments.file.resolve()}")


def write(file: Path, url: str, access_key: str, secret: str) -> None:
    """Ask the proxy for a delegation token and write it, readable by its owner alone.

    Parameters
    ----------
    file
        What to write, in Hadoop's ``HDTS`` form.
    url
        The proxy: ``http://…`` or ``https://…``.
    access_key, secret
        An access key; the token ends with it, after 7 days at the latest.

    Raises
    ------
    requests.HTTPError
        When the proxy does not know the access key.
    """
    answer = requests.get(
        f"{url}/webhdfs/v1/",
        params={"op": "GETDELEGATIONTOKEN"},
        auth=(access_key, secret),
        timeout=60,
    )
    answer.raise_for_status()
    text = answer.json()["Token"]["urlString"]
    token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    file.touch(mode=0o600)
    file.write_bytes(contents(url, token))


def contents(url: str, token: bytes) -> bytes:
    """The file: the token once for the proxy's name and once for its address.

    Which of both Hadoop looks for depends on ``hadoop.security.token.service.use_ip``.
    """
    place = urlsplit(url)
    port = place.port or {"http": 80, "https": 443}[place.scheme]
    kind = {"http": "WEBHDFS delegation", "https": "SWEBHDFS delegation"}[place.scheme]
    # The token ends with its kind and an empty service, which the client would have filled in.
    proven = token[: token.index(b"\x12WEBHDFS delegation")]
    host = place.hostname or ""
    services = dict.fromkeys(f"{h}:{port}" for h in (host, socket.gethostbyname(host)))
    entries = b"".join(
        written(service) + proven + written(kind) + written(service) for service in services
    )
    return b"HDTS\x00" + bytes([len(services)]) + entries + b"\x00"


def written(text: str) -> bytes:
    """A text as Hadoop writes short ones: its length in a byte, then UTF-8."""
    data = text.encode()
    if len(data) > 127:
        raise SystemExit(f"'{text}' is too long for a token's service")
    return bytes([len(data)]) + data


if __name__ == "__main__":
    main()
