"""Object stores as obstore opens them, from our settings alone.

Left to itself the library also takes credentials and addresses from the environment of the process.
Everything that decides where we go and as whom is therefore said to it. This module needs obstore.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from obstore.store import AzureStore, GCSStore, S3Store

from reconciled_archive.config import AZURE, S3, ArchiveConfig

if TYPE_CHECKING:
    from obstore.store import ClientConfig, GCSConfig, RetryConfig

ObjectStore: TypeAlias = "S3Store | AzureStore | GCSStore"

_GOOGLE = "https://storage.googleapis.com"
_IN_THE_WAY = ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH")
_A_PART = 4
"""Times the usual patience for a part of 5 MiB, which has to travel."""


def asking(config: ArchiveConfig) -> ObjectStore:
    """For short questions: one try, since the engine tries again in its own time."""
    return _open(config, _client(config, timeout=config.timeout), _retry(0, config.timeout))


def carrying(config: ArchiveConfig) -> ObjectStore:
    """For files on their way in: a part that failed is sent again, lest all before it was for nothing."""
    patience = _A_PART * config.timeout
    return _open(config, _client(config, timeout=patience), _retry(3, patience))


def reading(config: ArchiveConfig) -> ObjectStore:
    """For files on their way out: it may take for ever, but not in silence."""
    client = _client(config, timeout=7 * 86400.0)
    client["read_timeout"] = timedelta(seconds=config.timeout)
    return _open(config, client, _retry(0, config.timeout))


def nobody(config: ArchiveConfig) -> ObjectStore:
    """As somebody who has no credentials."""
    return _open(config, _client(config, timeout=config.timeout), _retry(0, config.timeout), anonymous=True)


def in_the_way(config: ArchiveConfig) -> str | None:
    """What in the environment of the daemon the library insists on, and takes beside no setting of ours."""
    if config.scheme in (S3, AZURE):
        return None
    return next((name for name in _IN_THE_WAY if name in os.environ), None)


def _client(config: ArchiveConfig, *, timeout: float) -> "ClientConfig":
    return {
        "allow_http": config.allow_http,
        "connect_timeout": timedelta(seconds=config.timeout),
        "timeout": timedelta(seconds=timeout),
    }


def _retry(times: int, seconds: float) -> "RetryConfig":
    return {"max_retries": times, "retry_timeout": timedelta(seconds=seconds)}


def _open(
    config: ArchiveConfig, client: "ClientConfig", retry: "RetryConfig", *, anonymous: bool = False
) -> ObjectStore:
    prefix = config.path or None
    if config.scheme == S3:
        return S3Store(
            config.bucket,
            prefix=prefix,
            config={
                "endpoint": config.endpoint or f"https://s3.{config.region}.amazonaws.com",
                "region": config.region,
                "virtual_hosted_style_request": False,
                "skip_signature": anonymous,
            },
            client_options=client,
            retry_config=retry,
            credential_provider=None if anonymous else _of_s3(config),
        )
    if config.scheme == AZURE:
        return AzureStore(
            config.bucket,
            prefix=prefix,
            config={
                "account_name": config.account or "",
                "endpoint": config.endpoint or f"https://{config.account}.blob.core.windows.net",
                "use_emulator": False,
                "use_fabric_endpoint": False,
                "skip_signature": anonymous,
            },
            client_options=client,
            retry_config=retry,
            credential_provider=None if anonymous else _of_azure(config),
        )
    google: GCSConfig = {"skip_signature": anonymous, "base_url": config.endpoint or _GOOGLE}
    if not anonymous:
        google["service_account_key"] = _shown(config.service_account)
    return GCSStore(config.bucket, prefix=prefix, config=google, client_options=client, retry_config=retry)


def _of_s3(config: ArchiveConfig) -> Callable[[], Any]:
    return lambda: {
        "access_key_id": _shown(config.access_key),
        "secret_access_key": _shown(config.secret_key),
        "token": None,
        "expires_at": None,
    }


def _of_azure(config: ArchiveConfig) -> Callable[[], Any]:
    if config.sas is not None:
        return lambda: {"sas_token": _shown(config.sas).lstrip("?"), "expires_at": None}
    return lambda: {"access_key": _shown(config.account_key), "expires_at": None}


def _shown(secret: Any) -> str:
    text: str = "" if secret is None else secret.get_secret_value()
    return text
