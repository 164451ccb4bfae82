"""Addresses of data folders in object storage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bucket_address import BucketAddress

NAMES = st.text("abc-._ +ü", min_size=1, max_size=9).filter(lambda each: each not in {".", ".."})


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://my.bucket-1/some/prefix/", "my.bucket-1", "some/prefix"),
    ],
)
def test_bucket_and_prefix_are_read(text: str, bucket: str, prefix: str) -> None:
    """Slashes at the ends mean nothing."""
    assert BucketAddress.parse(text) == BucketAddress(bucket, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3:///prefix",
        "s3://ab",
        "s3://Bucket/x",
        "s3://key:secret@bucket/x",
        "s3://bucket:9000/x",
        "s3://bucket/a//b",
        "s3://bucket/a/../b",
        "s3://bucket/./b",
        "s3://bucket/x?region=y",
        "s3://bucket/x#y",
        "s3://bucket/a%2fb",
        "s3://bucket/a\nb",
        "s3://bucket/a*",
        "https://bucket/x",
        "s3:/bucket/x",
    ],
)
def test_what_is_no_such_address_is_refused(text: str) -> None:
    """Keys, ports, patterns and ways out of the prefix above all."""
    with pytest.raises(ValueError, match="not an address"):
        BucketAddress.parse(text)


@given(st.lists(NAMES, max_size=4))
def test_an_address_says_what_it_was_read_from(names: list[str]) -> None:
    """And different addresses have different folders here."""
    address = BucketAddress("some-bucket", "/".join(names))

    assert BucketAddress.parse(str(address)) == address
    assert address.folder_name.startswith("some-bucket-")
    assert "/" not in address.folder_name
    assert BucketAddress("some-bucket", "x" + address.prefix).folder_name != address.folder_name
