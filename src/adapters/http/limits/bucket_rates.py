"""Our limits as pyrate-limiter has them."""

from collections.abc import Sequence

from pyrate_limiter import AbstractBucket, InMemoryBucket, Rate, RateItem

from domain.rate_limits import RateLimit, binding_limits

_LOOK_AGAIN = 1.0


def bucket_rates(limits: Sequence[RateLimit]) -> list[Rate]:
    """Rates in the order and with the densities that a bucket insists on."""
    return [Rate(each.count, max(1, round(each.seconds * 1000))) for each in binding_limits(limits)]


def memory_bucket(limits: Sequence[RateLimit]) -> InMemoryBucket:
    """An empty bucket of these limits in this process."""
    return InMemoryBucket(bucket_rates(limits))


def put(bucket: InMemoryBucket, now: int, weight: int) -> float:
    """What `seconds_left` says of a request at that millisecond, which counts if it may go."""
    item = RateItem("", now, weight)
    bucket.put(item)
    return seconds_left(bucket, item)


def seconds_left(bucket: AbstractBucket, item: RateItem) -> float:
    """What a bucket made of an item just put: 0.0 to go, else seconds to wait."""
    if bucket.failing_rate is None:
        return 0.0
    wait = bucket.waiting(item)
    return max(1, wait) / 1000 if isinstance(wait, int) else _LOOK_AGAIN
