"""Has the system acknowledge what comes at once, where it can be told to."""

import asyncio
import socket
from contextlib import suppress

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux (tcp(7))


def acknowledge_promptly(transport: asyncio.Transport) -> None:
    """No delayed acknowledgements (RFC 9293 section 3.8.6.3) until the next request is sent.

    An upstream that sends an answer in many small pieces may wait for an acknowledgement in the
    midst of it, while the system holds that back for 40 ms in case there is something to send.
    """
    connected = transport.get_extra_info("socket")
    if _QUICK_ACK is not None and connected is not None:
        with suppress(OSError):  # it is about to be closed, or goes over no TCP
            connected.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
