"""Errors of the object store as the domain's; nothing of a request or an answer is quoted."""

import contextlib
import re
from collections.abc import Iterator

from obstore import exceptions

from domain.bucket_address import BucketAddress
from domain.errors import DataFolderError, StorageError

UNCHANGED = "What is published has not changed."
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_RIGHTS = (
    "Give the key the rights to list the bucket and to read, write and delete below the prefix "
    "(docs/object-storage.md)."
)
_KEYS = "no keys were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
_ADVICE = {
    "NoSuchBucket": "there is no such bucket. Create it, or choose another with APP_DATA_DIR.",
    "AccessDenied": f"access is denied. {_RIGHTS}",
    "AllAccessDisabled": f"access is denied. {_RIGHTS}",
    "InvalidAccessKeyId": "the access key is unknown there. Check AWS_ACCESS_KEY_ID.",
    "SignatureDoesNotMatch": "the secret key does not fit. Check AWS_SECRET_ACCESS_KEY.",
    "ExpiredToken": "the session token has expired. Get a new one.",
    "InvalidToken": "the session token is not valid. Check AWS_SESSION_TOKEN.",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than 15 minutes. Set it.",
    "AuthorizationHeaderMalformed": "the bucket is in another region. Set AWS_REGION to it.",
    "PermanentRedirect": "the bucket is in another region. Set AWS_REGION to it.",
    "IllegalLocationConstraintException": "the bucket is elsewhere. Set AWS_REGION to its region.",
    "NotImplemented": "the store lacks conditional writes (If-None-Match), which commits need.",
}
_NO_KEYS = re.compile(
    r"instance[- ]metadata|169\.254\.169\.254|security-credentials", re.IGNORECASE
)
_FAULTS = (exceptions.BaseError, FileNotFoundError, OSError, ValueError)


class UncertainWriteError(StorageError):
    """No answer came: what was to be written may be there or not."""


@contextlib.contextmanager
def s3_errors(doing: str, address: BucketAddress) -> Iterator[None]:
    """Turns errors of the client into domain errors that name the folder and what to do."""
    try:
        yield
    except _FAULTS as error:
        raise translated(doing, address, error) from error


def translated(
    doing: str, address: BucketAddress, error: Exception
) -> StorageError | DataFolderError:
    """What to tell: a configuration error where repeating cannot help."""
    text = str(error)
    code, status = _first(_CODE, text), _first(_STATUS, text)
    where = f"{doing} {address} failed"
    advice = _ADVICE.get(code) or _advice_of(error, text, status)
    if advice:
        return DataFolderError(f"{where}: {advice}")
    if status == "404":
        return StorageError(f"{where}: something that belongs there is gone.")
    if status:
        said = f"the store answered {status}{f' ({code})' if code else ''}, again and again"
        return UncertainWriteError(f"{where}: {said}. {UNCHANGED} Try again later.")
    return UncertainWriteError(
        f"{where}: the store cannot be reached or does not answer in time. {UNCHANGED} "
        "Check the network and AWS_ENDPOINT_URL, then try again."
    )


def _advice_of(error: Exception, text: str, status: str) -> str:
    """For answers without a code that is known."""
    if _NO_KEYS.search(text):
        return _KEYS
    refused = exceptions.PermissionDeniedError | exceptions.UnauthenticatedError
    if isinstance(error, refused) or status in {"401", "403"}:
        return _ADVICE["AccessDenied"]
    return _ADVICE["PermanentRedirect"] if status.startswith("3") else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
