"""A byte stream to the terminal that obeys nothing in it."""

import codecs
import io
from typing import BinaryIO, override

from domain.terminal_text import printable


class TerminalSink(io.RawIOBase):
    """Passes UTF-8 text on with control characters spelled out."""

    def __init__(self, terminal: BinaryIO) -> None:
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @override
    def writable(self) -> bool:
        """Always."""
        return True

    @override
    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # all that writers hand over
        """Write text; a character may be split over two calls."""
        content = bytes(data)
        text = self._decoder.decode(content).replace("\r\n", "\n")
        self._terminal.write(printable(text).encode())
        return len(content)

    @override
    def flush(self) -> None:
        """Show it."""
        if not self.closed:
            self._terminal.flush()
