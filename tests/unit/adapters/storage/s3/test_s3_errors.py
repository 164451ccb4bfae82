"""What users are told when a store fails."""

import pytest
from obstore import exceptions

from adapters.storage.s3.s3_errors import UncertainWriteError, s3_errors
from domain.bucket_address import BucketAddress
from domain.errors import DataFolderError, StorageError

ADDRESS = BucketAddress("bucket", "prefix")
SECRET = "AKIASECRET"


def said(status: int, code: str = "") -> str:
    """As the client puts an answer into words."""
    body = f"<Error><Code>{code}</Code><AWSAccessKeyId>{SECRET}</AWSAccessKeyId></Error>"
    return (
        f"Generic S3 error: Error performing PUT http://store/bucket?X={SECRET} in 1ms - "
        f"Server returned non-2xx status code: {status} Whatever: {body if code else ''}"
    )


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (FileNotFoundError(said(404, "NoSuchBucket")), DataFolderError, "Create it"),
        (FileNotFoundError(said(404, "NoSuchKey")), StorageError, "is gone"),
        (exceptions.PermissionDeniedError(said(403)), DataFolderError, "access is denied"),
        (exceptions.UnauthenticatedError(said(401)), DataFolderError, "access is denied"),
        (exceptions.GenericError(said(403, "SignatureDoesNotMatch")), DataFolderError, "SECRET"),
        (exceptions.GenericError(said(400, "ExpiredToken")), DataFolderError, "has expired"),
        (exceptions.GenericError(said(301)), DataFolderError, "Set AWS_REGION"),
        (exceptions.GenericError(said(501, "NotImplemented")), DataFolderError, "If-None-Match"),
        (exceptions.GenericError(said(503, "SlowDown")), UncertainWriteError, r"503 \(SlowDown\)"),
        (exceptions.GenericError(said(500)), UncertainWriteError, "answered 500, again"),
        (
            exceptions.GenericError("PUT http://169.254.169.254/latest/api/token failed"),
            DataFolderError,
            "no keys were found",
        ),
        (exceptions.GenericError("operation timed out"), UncertainWriteError, "cannot be reached"),
        (OSError("connection reset"), UncertainWriteError, "cannot be reached"),
    ],
)
def test_each_failure_says_what_to_do(error: Exception, kind: type[Exception], told: str) -> None:
    """And repeats neither keys nor addresses."""
    with pytest.raises(kind, match=told) as caught, s3_errors("Writing into", ADDRESS):
        raise error

    assert str(caught.value).startswith("Writing into s3://bucket/prefix failed: ")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is error


def test_errors_of_the_domain_pass() -> None:
    """They have been told already."""
    with pytest.raises(StorageError, match=r"^as it was$"), s3_errors("Reading", ADDRESS):
        raise StorageError("as it was")  # noqa: EM101, TRY003  # the test's own
