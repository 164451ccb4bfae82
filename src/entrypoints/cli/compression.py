"""Compresses a result on its way to a file."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3


@contextmanager
def compressed(sink: BinaryIO, compression: str) -> Iterator[BinaryIO]:
    """The sink, behind gzip ("gz") or Zstandard ("zst"), or as it is ("").

    The same rows give the same bytes: neither a time nor a name is written.
    """
    if compression == "gz":
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, sink, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif compression == "zst":
        import zstandard

        packer = zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True)
        with (
            packer.stream_writer(sink, closefd=False) as frames,
            io.BufferedWriter(cast("io.RawIOBase", frames)) as lines,  # it has no `writelines`
        ):
            yield lines
    else:
        yield sink
