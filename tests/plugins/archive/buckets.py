"""Making the bucket or container `archives`, signed by hand: the archive itself never makes one."""

import base64
import hashlib
import hmac
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime

from tests.servers import AZURE_ACCOUNT, AZURE_KEY, S3_KEYS, Server

BUCKET = "archives"
_PATIENCE = 150.0


def make_s3_bucket(server: Server, name: str = BUCKET) -> None:
    """A bucket, asked for again while the store still starts."""
    _sent(lambda: _s3_request(server, f"/{name}"))


def make_public(server: Server, name: str) -> None:
    """Let anybody read an object; only for moto, which looks at no signature."""
    request = _s3_request(server, f"/{BUCKET}/{name}?acl")
    request.add_header("x-amz-acl", "public-read")
    _sent(lambda: request)


def make_azure_container(server: Server, name: str = BUCKET) -> None:
    """A container."""
    _sent(lambda: _azure_request(server, f"/{AZURE_ACCOUNT}/{name}"))


def _sent(make: Callable[[], urllib.request.Request]) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(make(), timeout=5):  # noqa: S310 - loopback
                return
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return
            if time.monotonic() > until:
                raise AssertionError(f"{error.code}: {error.read()[:500]!r}") from error
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)


def _s3_request(server: Server, path: str) -> urllib.request.Request:
    """A PUT with the signature of version 4."""
    access, secret = S3_KEYS
    now, nothing = datetime.now(UTC), hashlib.sha256(b"").hexdigest()
    day, moment, host = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}", f"127.0.0.1:{server.port}"
    names = "host;x-amz-content-sha256;x-amz-date"
    lines = ["PUT", path, "", f"host:{host}", f"x-amz-content-sha256:{nothing}", f"x-amz-date:{moment}"]
    asked = hashlib.sha256("\n".join([*lines, "", names, nothing]).encode()).hexdigest()
    scope = f"{day}/us-east-1/s3/aws4_request"
    key = f"AWS4{secret}".encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{asked}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    said = f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature}"
    headers = {"Host": host, "x-amz-date": moment, "x-amz-content-sha256": nothing, "Authorization": said}
    return urllib.request.Request(f"{server.url}{path}", method="PUT", headers=headers)  # noqa: S310


def _azure_request(server: Server, path: str) -> urllib.request.Request:
    """A PUT with a shared key."""
    moment, version = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}", "2021-08-06"
    told = [f"x-ms-date:{moment}", f"x-ms-version:{version}", f"/{AZURE_ACCOUNT}{path}", "restype:container"]
    text = "\n".join(["PUT", *[""] * 11, *told])
    signature = hmac.digest(base64.b64decode(AZURE_KEY), text.encode(), "sha256")
    said = f"SharedKey {AZURE_ACCOUNT}:{base64.b64encode(signature).decode()}"
    headers = {"x-ms-date": moment, "x-ms-version": version, "Authorization": said}
    url = f"{server.url}{path}?restype=container"
    return urllib.request.Request(url, method="PUT", headers=headers)  # noqa: S310
