"""Answers that bring nothing where something was asked for."""

_OK, _NO_CONTENT, _PARTIAL = 200, 204, 206


def doubt_about(
    *, method: str, accept: str, asks_for_range: bool, status: int, body: bytes
) -> str | None:
    """Why an answer is worth asking for once more; None when it is not.

    Servers under load send 200 and 204 without a body, and caches between send 206 to somebody
    who asked for the whole (RFC 9110 section 15.3.7 allows it for Range requests alone). The
    second answer holds: there may be nothing to send.

    Args:
        method: of the request.
        accept: media types it asks for; `*/*` expects nothing in particular.
        asks_for_range: the request has a Range field.
        status: of the answer.
        body: decoded.
    """
    if status == _PARTIAL:
        return None if asks_for_range else "only a part was sent (206)"
    if body or status not in (_OK, _NO_CONTENT) or method == "HEAD" or accept == "*/*":
        return None
    return f"nothing was sent ({status})"
