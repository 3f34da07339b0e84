"""What may stand in the settings of an archive, and what is said to what may not."""

import re
from importlib import util
from typing import Any

import pytest
from pydantic import ValidationError

from reconciled_archive import config
from reconciled_archive.config import ArchiveConfig

S3: dict[str, Any] = {"url": "s3://bucket/some/prefix", "access_key": "a", "secret_key": "hush"}
AZURE: dict[str, Any] = {"url": "az://container", "account": "reconciled", "account_key": "aHVzaA=="}
GOOGLE: dict[str, Any] = {"url": "gs://bucket", "service_account": "{}"}


@pytest.mark.parametrize(
    ("said", "scheme", "bucket", "path"),
    [
        ({}, "file", "", "/var/lib/reconciled/archive"),
        ({"url": "file:///srv/my archive/"}, "file", "", "/srv/my archive"),
        (S3, "s3", "bucket", "some/prefix"),
        ({**S3, "url": "s3://bucket/"}, "s3", "bucket", ""),
        ({**S3, "endpoint": "http://127.0.0.1:9000", "allow_http": True}, "s3", "bucket", "some/prefix"),
        (AZURE, "az", "container", ""),
        ({"url": "az://container/x", "account": "reconciled", "sas": "sv=1&sig=2"}, "az", "container", "x"),
        (GOOGLE, "gs", "bucket", ""),
    ],
)
def test_what_may_stand_there(said: dict[str, Any], scheme: str, bucket: str, path: str) -> None:
    read = ArchiveConfig.model_validate(said)
    assert (read.scheme, read.bucket, read.path) == (scheme, bucket, path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"url": "/srv/archive"}, "file:///srv/archive"),
        ({"url": "http://box.lan"}, "no place for an archive"),
        ({"url": "file://srv/archive"}, "three slashes"),
        ({"url": "file:///"}, "no place for an archive"),
        ({"url": "file:///srv/../etc"}, "plain name"),
        ({"url": "file:///srv/%2e%2e"}, "plain name"),
        ({"url": "file:///srv", "access_key": "a"}, "leave out access_key"),
        ({"url": "file:///srv", "endpoint": "http://a.lan"}, "leave out endpoint"),
        ({**S3, "url": "s3://us:hush@bucket/x"}, "credentials have settings of their own"),
        ({**S3, "url": "s3://bucket/x?sig=hush"}, "credentials have settings of their own"),
        ({**S3, "url": "s3://"}, "no place for an archive"),
        ({**S3, "url": "s3:///prefix"}, "no name of a bucket"),
        ({**S3, "url": "s3://bucket//x"}, "plain name"),
        ({"url": "s3://bucket"}, "wants access_key and secret_key"),
        ({"url": "s3://bucket", "access_key": "a"}, "wants access_key and secret_key"),
        ({**S3, "account_key": "x"}, "and no other credentials"),
        ({**S3, "endpoint": "http://127.0.0.1:9000"}, "allow_http"),
        ({**S3, "region": "EU West"}, "region"),
        ({**AZURE, "sas": "sv=1"}, "account and account_key or account and sas"),
        ({"url": "az://container", "account_key": "x"}, "account and account_key"),
        ({"url": "gs://bucket"}, "wants service_account"),
        ({"prefix": "x"}, "prefix"),
        ({"timeout": 30}, "no duration"),
    ],
)
def test_what_may_not(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        ArchiveConfig.model_validate(said)


@pytest.mark.parametrize("said", [S3, AZURE, GOOGLE])
def test_stores_need_one_more_package(said: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda name: None if name == "obstore" else util.find_spec(name))
    with pytest.raises(ValidationError, match=r"obstore.*pip install 'reconciled\[archive\]'"):
        ArchiveConfig.model_validate(said)
    assert ArchiveConfig.model_validate({}).scheme == "file"


def test_no_secret_is_shown() -> None:
    for said in (S3, {**AZURE, "account_key": "hush"}, {**GOOGLE, "service_account": "hush"}):
        read = ArchiveConfig.model_validate(said)
        assert "hush" not in repr(read)
        assert "hush" not in read.model_dump_json()
