"""Tables about the trade with NFTs."""

from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec, WriteMode

_COLLECTION = Field("collection", Kind.STRING, "slug of the collection")
_CHAIN = Field("chain", Kind.STRING, "chain of the NFT (`base`)")
_CONTRACT = Field("contract", Kind.STRING, "address of the NFT's contract; null for none")
_IDENTIFIER = Field(
    "identifier", Kind.STRING, "token id in decimal digits; null where it is not about one NFT"
)
_PRICE = (
    Field("price", Kind.STRING, "exact, in decimal digits, in units of `symbol`; null for none"),
    Field("price_number", Kind.NUMBER, "the price as the nearest DOUBLE"),
    Field("symbol", Kind.STRING, "currency of the price (`ETH`)"),
)

EVENTS = TableSpec(
    "events",
    Schema(
        (
            _COLLECTION,
            Field("event_time", Kind.TIMESTAMP, "when it happened, to the second"),
            Field(
                "event_id",
                Kind.STRING,
                "digest of all that tells the event from others; OpenSea gives events no id",
            ),
            Field("event_type", Kind.STRING, "`sale`, `transfer`, `mint`, `order`, …"),
            Field("order_type", Kind.STRING, "of an order: `listing`, `item_offer`, …"),
            _CHAIN,
            _CONTRACT,
            _IDENTIFIER,
            Field("quantity", Kind.STRING, "how many copies, in digits"),
            Field("from_address", Kind.STRING, "seller, former owner, or maker of the order"),
            Field("to_address", Kind.STRING, "buyer, new owner, or taker of the order"),
            Field("transaction", Kind.STRING, "hash of the transaction; null for orders"),
            Field("order_hash", Kind.STRING, "hash of the order; null for transfers"),
            *_PRICE,
            Field("payment_token", Kind.STRING, "address of the currency's contract"),
            Field("expires_at", Kind.TIMESTAMP, "when an order ends"),
        )
    ),
    key=("collection", "event_time", "event_id"),
    mode=WriteMode.MERGE,
    meaning="One row a sale, transfer, mint or order.",
)

LISTINGS = TableSpec(
    "listings",
    Schema(
        (
            _COLLECTION,
            Field("order_hash", Kind.STRING, "hash of the order"),
            _CHAIN,
            _CONTRACT,
            _IDENTIFIER,
            *_PRICE,
            Field("maker", Kind.STRING, "address of the seller"),
            Field("quantity", Kind.STRING, "copies that are left, in digits"),
            Field("status", Kind.STRING, "`ACTIVE`, …"),
            Field("type", Kind.STRING, "`basic`, `dutch`, …"),
            Field("start_time", Kind.TIMESTAMP, "from when on it can be bought"),
            Field("end_time", Kind.TIMESTAMP, "until when it can be bought"),
        )
    ),
    key=("collection", "order_hash"),
    meaning="One row a listing on sale; an NFT may have several.",
)

STATS = TableSpec(
    "stats",
    Schema(
        (
            _COLLECTION,
            Field("at", Kind.TIMESTAMP, "when OpenSea said so"),
            Field("interval", Kind.STRING, "`total`, `one_day`, `seven_day`, `thirty_day`"),
            Field("volume", Kind.NUMBER, "value of all sales in the interval"),
            Field("sales", Kind.INTEGER, "how many sales"),
            Field("average_price", Kind.NUMBER, "of a sale"),
            Field("volume_change", Kind.NUMBER, "share by which the volume has grown"),
            Field("owners", Kind.INTEGER, "addresses that hold an NFT; only for `total`"),
            Field("floor_price", Kind.NUMBER, "lowest price; only for `total`"),
            Field("floor_price_symbol", Kind.STRING, "its currency; only for `total`"),
            Field("market_cap", Kind.NUMBER, "as OpenSea reckons it; only for `total`"),
        )
    ),
    key=("collection", "at", "interval"),
    mode=WriteMode.MERGE,
    meaning="One row an interval of each answer about a collection's trade.",
)
