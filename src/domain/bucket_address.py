"""Where a data folder in an object store is."""

import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

SCHEME = "s3"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket, and the prefix that all keys of the folder begin with.

    Names of buckets: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> "BucketAddress":
        """Read `s3://bucket/prefix`.

        Raises:
            ValueError: not such an address; keys and queries have no place in it.
        """
        parts = urlsplit(text)
        names = parts.path.strip("/").split("/") if parts.path.strip("/") else []
        fits = (
            parts.scheme == SCHEME
            and _BUCKET.fullmatch(parts.netloc)
            and not any(mark in text for mark in "?#%\\*")
            and text.isprintable()
            and all(name not in {"", ".", ".."} for name in names)
        )
        if not fits:
            message = f"not an address as {SCHEME}://bucket/prefix"
            raise ValueError(message)
        return cls(parts.netloc, "/".join(names))

    @property
    def folder_name(self) -> str:
        """A name for what belongs to this address alone, fit for any file system."""
        return f"{self.bucket}-{sha256(str(self).encode()).hexdigest()[:16]}"

    def __str__(self) -> str:
        return f"{SCHEME}://{self.bucket}/{self.prefix}".rstrip("/")
