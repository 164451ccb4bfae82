"""Keys of stored answers."""

from hashlib import blake2b

from domain.requests import Request, Trust

_VERSION = "1"
_DIGEST_BYTES = 20


def cache_key(request: Request, url: str, partition: str) -> str:
    """A hash of what was asked for; nothing can be read from it.

    What the source's own origin answers is kept apart by `partition`, since it may depend on the
    key that was sent; addresses found in data are asked without keys and shared.
    """
    owner = f"source:{partition}" if request.trust is Trust.SOURCE else "anyone"
    asked = f"url:{url}" if request.identity is None else f"identity:{request.identity}"
    parts = (_VERSION, owner, "GET", asked)
    text = "\n".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
