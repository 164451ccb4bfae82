"""Keys of stored answers."""

from functools import lru_cache
from hashlib import blake2b

from domain.requests import Request, Trust

_VERSION = "1"
_DIGEST_BYTES = 20
_ANYONE = "anyone"
_OF_A_GET = "3:GET"


def cache_key(request: Request, url: str, partition: str, *, query: bool = False) -> str:
    """A hash of what was asked for; nothing can be read from it.

    What the source's own origin answers is kept apart by `partition`, since it may depend on the
    key that was sent; addresses found in data are asked without keys and shared.

    Args:
        request: what is asked for.
        url: absolute.
        partition: of the credential.
        query: method and content are part of the question; else the key is that of the GET.
    """
    owner = f"source:{partition}" if request.trust is Trust.SOURCE else _ANYONE
    asked = f"url:{url}" if request.identity is None else f"identity:{request.identity}"
    method = _of_a_query(request) if query else _OF_A_GET
    digest = _begun(owner, method).copy()
    digest.update(f"{len(asked)}:{asked}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@lru_cache(maxsize=16)
def _begun(owner: str, method: str) -> blake2b:
    """What many keys have in common, hashed once; to be copied."""
    text = f"1:{_VERSION}\n{len(owner)}:{owner}\n{method}\n"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)


def _of_a_query(request: Request) -> str:
    content = blake2b(request.content, digest_size=_DIGEST_BYTES).hexdigest()
    return f"{len(request.method)}:{request.method}\n{len(content)}:{content}"
