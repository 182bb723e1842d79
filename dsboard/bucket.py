"""Files in a bucket of an S3 service instead of the data folder; they leave it through the board's own permission check only.

Needs requirements/s3.txt. No address of the bucket, signed or not, is ever given to a browser.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.cache import cache
from django.core.files import File
from storages.backends.s3 import S3Storage

from dsboard.errors import Unreachable

logger = logging.getLogger(__name__)

#: seconds for which nobody waits again for a bucket that did not answer
REST = 20
#: seconds, twice at most: whoever uploads waits, but not for minutes
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0
DOWN = "bucket-down"
WORDS = "The file store does not answer. Nothing was changed; try again in a minute."


def answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """What the bucket answers, or one sentence; after a failure the next callers get the sentence at once."""

    @functools.wraps(method)
    def called(self: "Bucket", *said: Any, **more: Any) -> Any:
        if cache.get(DOWN):
            raise Unreachable(WORDS, seconds=REST)
        try:
            return method(self, *said, **more)
        except ClientError as error:
            # It answers, but not this: a key that is refused, a bucket that is gone.
            logger.warning("The bucket said no: %s", error)
            raise Unreachable(WORDS, seconds=REST) from error
        except BotoCoreError as error:
            cache.set(DOWN, True, REST)
            raise Unreachable(WORDS, seconds=REST) from error

    return called


class Bucket(S3Storage):
    """A private bucket, written and read within bounded time."""

    def __init__(self, **settings: Any) -> None:
        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            signature_version="s3v4",
            retries={"total_max_attempts": 2},
            s3={"addressing_style": "path"} if settings.get("endpoint_url") else {},
        )
        # Names are random, so nothing is overwritten and nobody has to look first.
        super().__init__(
            client_config=config,
            default_acl=None,
            file_overwrite=True,
            transfer_config=TransferConfig(use_threads=False),
            max_memory_size=1024 * 1024,
            **settings,
        )

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Should the bucket ever be read around the board, a browser still gets a download."""
        return {"ContentType": "application/octet-stream", "ContentDisposition": "attachment"}

    @answered
    def _save(self, name: str, content: File) -> str:
        return str(super()._save(name, content))

    @answered
    def _open(self, name: str, mode: str = "rb") -> File:
        opened: File = super()._open(name, mode)
        # Fetched now: a failure later would cut an answer short that has begun.
        opened.open()
        return opened

    @answered
    def delete(self, name: str) -> None:
        super().delete(name)
