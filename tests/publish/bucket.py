"""An S3-compatible server on loopback, with one empty bucket; a context manager."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self
from urllib.request import Request, urlopen

from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

NAME = "shelf"
SECRET = "a-key-that-nobody-may-see"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "reader",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Bucket:
    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)

    def __enter__(self) -> Self:
        self._server.start()
        moto_api_backend.reset()
        self.port = self._server.get_host_and_port()[1]
        with urlopen(Request(f"http://127.0.0.1:{self.port}/{NAME}", method="PUT")) as made:
            assert made.status == 200
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.stop()

    def url(self, path: str = "codes", bucket: str = NAME) -> str:
        where = f"endpoint_override=127.0.0.1:{self.port}"
        return f"s3://{bucket}/{path}?scheme=http&{where}&region=us-east-1"
