"""A real S3 service on this machine, in memory, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

KEY, SECRET, NAME = "board", "board-secret", "dsboard-files"


class Service:
    """The service and its one bucket, looked at from the side."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = boto3.client(
            "s3", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="eu-central-1"
        )
        self.client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    @property
    def keys(self) -> list[str]:
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=NAME).get("Contents", [])]

    def headers(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.head_object(Bucket=NAME, Key=key)
        return found

    def environment(self, **more: str) -> dict[str, str]:
        """What a board is told to keep its files there."""
        return {
            "DSBOARD_S3_BUCKET": NAME,
            "DSBOARD_S3_ENDPOINT": self.address,
            "DSBOARD_S3_REGION": "eu-central-1",
            "DSBOARD_S3_KEY": KEY,
            "DSBOARD_S3_SECRET": SECRET,
        } | more

    def storages(self, **more: str) -> dict[str, Any]:
        """The same as Django's setting."""
        options = {
            "bucket_name": NAME,
            "endpoint_url": self.address,
            "region_name": "eu-central-1",
            "access_key": KEY,
            "secret_key": SECRET,
        }
        return {"BACKEND": "dsboard.bucket.Bucket", "OPTIONS": options | more}


@contextmanager
def serving() -> Iterator[Service]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        # An earlier one of this process has left its buckets behind.
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"), timeout=10).close()
        yield Service(f"http://{host}:{port}")
    finally:
        server.stop()
