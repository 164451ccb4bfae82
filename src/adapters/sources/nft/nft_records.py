"""Rows of `nfts` and `traits`: what the list says, filled up from the metadata document."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import Document, short_text
from adapters.sources.json_members import MAX_MEMBERS
from adapters.sources.nft.traits import Trait, read_traits
from adapters.sources.nft.usual_documents import UsualDocument
from domain.errors import ParseError
from domain.frozen import maker
from domain.record_block import RecordBlock
from domain.sources import Failure, Page
from domain.tables import Record

MENDED = "some text came with halves of surrogate pairs, which are shown as U+FFFD"
REPEATED = "some documents name a member twice; the last one of a name counts"
LISTED = {"NFTs with the traits of the list": 1}
_DOCUMENT = {"NFTs with their metadata document": 1}
_NOTHING: Mapping[str, int] = {}
LONGEST_LINK = 2048
_SHOWN = 100
_said = maker(Page)

type Listed = Sequence[Any]
"""The columns of `nfts` up to `is_nsfw`, as the list has them; JSON values."""


def link(value: Any) -> str | None:
    """A link as sent; null when it is missing or too long to be one (an embedded picture)."""
    return value if type(value) is str and 0 < len(value) <= LONGEST_LINK else None


def first_link(members: Mapping[str, Any], *names: str) -> str | None:
    """The first of the named members that is a link."""
    for name in names:
        if (found := link(members.get(name))) is not None:
            return found
    return None


def described(listed: Listed, read: Document, tallies: Mapping[str, int] = _DOCUMENT) -> Page:
    """A finished NFT with its metadata document.

    Args:
        listed: what the list says.
        read: the document.
        tallies: which rung it is from.

    Raises:
        ParseError: the document is not an object, or has too many members or traits, or a text that
            is too long.
    """
    document = read.value
    if type(document) is not dict:
        message = "not a JSON object"
        raise ParseError(message)
    if read.members.wide:
        message = f"more than {MAX_MEMBERS} members"
        raise ParseError(message)
    whole = filled(listed, document)
    page = finished(whole, "ok", read_traits(document), tallies)
    return replace(page, notes=oddities(read)) if read.is_odd else page


def described_as_usual(listed: Listed, read: UsualDocument) -> Page:
    """The same with a usual document."""
    members, traits = read
    return _with_traits(filled(listed, members), "ok", traits, len(traits[0]), _DOCUMENT)


def filled(listed: Listed, document: Mapping[str, Any]) -> Listed:
    """What the list leaves open, from a document.

    Raises:
        ParseError: a text that is too long.
    """
    slug, contract, chain, identifier, name, description, kind, image, animation = listed[:9]
    url, page, off, nsfw = listed[9:]
    said = document.get
    return (
        slug,
        contract,
        chain,
        identifier,
        name or short_text(said("name")) or short_text(said("title")),
        description or short_text(said("description")),
        kind,
        image or first_link(document, "image", "image_url", "imageUrl"),
        animation or link(said("animation_url")) or link(said("animationUrl")),
        url,
        page,
        off,
        nsfw,
    )


def oddities(read: Document) -> list[str]:
    """What is to be said of a document that was read nevertheless."""
    notes = [MENDED] if read.mended else []
    return [*notes, REPEATED] if read.members.repeated else notes


def finished(
    listed: Listed,
    status: str | None,
    traits: Sequence[Trait] = (),
    tallies: Mapping[str, int] = _NOTHING,
) -> Page:
    """A finished NFT and its traits, numbered from 0."""
    return _with_traits(listed, status, [*zip(*traits, strict=True)], len(traits), tallies)


def _with_traits(
    listed: Listed,
    status: str | None,
    traits: Sequence[Sequence[object]],
    count: int,
    tallies: Mapping[str, int],
) -> Page:
    records: dict[str, Sequence[Record]] = {"nfts": [(*listed, status, count)]}
    if count:
        common = (listed[0], listed[1], listed[3])
        records["traits"] = RecordBlock(common, [[*range(count)], *traits])
    return _said(records=records, items=1, tallies=tallies)


def without_metadata(listed: Listed, status: str, reason: str) -> Page:
    """A finished NFT whose document could not be had; the reason counts towards `partial`."""
    page = finished(listed, status)
    item = f"{str(listed[1])[:_SHOWN]}/{str(listed[3])[:_SHOWN]}"
    failure = Failure(item, f"metadata {status}: {reason}")
    return Page(records=page.records, failures=[failure], items=1)
