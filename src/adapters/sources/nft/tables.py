"""The tables of the NFT domain."""

from domain.expectations import Expectation
from domain.schema import Field, Kind, ListOf, Schema, StructOf
from domain.tables import TableSpec

_COLLECTION = Field("collection", Kind.STRING, "slug of the collection")
_CONTRACT = Field(
    "contract",
    Kind.STRING,
    "address of the contract; `chain:address` where the collection has it on several chains",
)
_IDENTIFIER = Field("identifier", Kind.STRING, "token id in decimal digits; may exceed 64 bits")

NFTS = TableSpec(
    "nfts",
    Schema(
        (
            _COLLECTION,
            _CONTRACT,
            Field("chain", Kind.STRING, "chain of the contract (`base`); null if unknown"),
            _IDENTIFIER,
            Field("name", Kind.STRING, "from the marketplace, else from the metadata document"),
            Field("description", Kind.STRING, "likewise"),
            Field("token_standard", Kind.STRING, "`erc721`, `erc1155`, …"),
            Field("image_url", Kind.STRING, "picture; null if embedded and over 2,048 characters"),
            Field("animation_url", Kind.STRING, "video, audio or page; null likewise"),
            Field("metadata_url", Kind.STRING, "metadata document as named; null likewise"),
            Field("opensea_url", Kind.STRING, "page of the NFT on OpenSea"),
            Field("is_disabled", Kind.BOOLEAN, "whether OpenSea has taken it down"),
            Field("is_nsfw", Kind.BOOLEAN, "whether OpenSea marks it as not safe for work"),
            Field(
                "metadata_status",
                Kind.STRING,
                "`ok`, `none` (the NFT names no document), `unreachable`, `invalid` (unreadable), "
                "`refused` (an unsafe address); null if it was not asked for",
            ),
            Field("trait_count", Kind.INTEGER, "rows of the NFT in `traits`"),
        )
    ),
    key=("collection", "contract", "identifier"),
    meaning="One row an NFT.",
)

TRAITS = TableSpec(
    "traits",
    Schema(
        (
            _COLLECTION,
            _CONTRACT,
            _IDENTIFIER,
            Field("position", Kind.INTEGER, "counts the traits of one NFT from 0, as sent"),
            Field("trait_type", Kind.STRING, "name of the trait; null if it has none"),
            Field("value", Kind.STRING, "as sent; objects and lists as JSON"),
            Field(
                "value_number",
                Kind.NUMBER,
                "the value where it is a number; dates in seconds since 1970",
            ),
            Field("display_type", Kind.STRING, "`number`, `boost_percentage`, `date`, …"),
            Field("max_value", Kind.STRING, "upper end of the value's range, as sent"),
        )
    ),
    key=("collection", "contract", "identifier", "position"),
    meaning="One row a trait of an NFT.",
)

COLLECTIONS = TableSpec(
    "collections",
    Schema(
        (
            _COLLECTION,
            Field("name", Kind.STRING, "title of the collection"),
            Field("description", Kind.STRING, "Markdown text of its creators"),
            Field("owner", Kind.STRING, "address of the owner"),
            Field("category", Kind.STRING, "`pfps`, `art`, …"),
            Field("total_supply", Kind.INTEGER, "tokens in all, copies included"),
            Field("unique_item_count", Kind.INTEGER, "different tokens"),
            Field("created_date", Kind.DATE, "day on which it came to OpenSea"),
            Field("safelist_status", Kind.STRING, "how far OpenSea has verified it"),
            Field(
                "contracts",
                ListOf(
                    StructOf(
                        (
                            Field("address", Kind.STRING, "address of the contract"),
                            Field("chain", Kind.STRING, "chain it lives on"),
                        )
                    )
                ),
                "the contracts that hold its tokens; may be empty",
            ),
            Field("image_url", Kind.STRING, "logo"),
            Field("project_url", Kind.STRING, "web site"),
            Field("opensea_url", Kind.STRING, "page of the collection on OpenSea"),
        )
    ),
    key=("collection",),
    meaning="One row a collection.",
)

STATUSES = frozenset({"ok", "none", "unreachable", "invalid", "refused"})
EXPECTATIONS = (Expectation("nfts", accepted=(("metadata_status", STATUSES),)),)
