"""Scrapy with its HTTP cache: RFC 2616 rules, answers in a dbm file, and Parquet at the end.

`scrapy_spider.py BASE_URL FOLDER [CONCURRENT_ITEMS]`; Scrapy makes so many tasks for every answer,
100 if it is not told.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

BASE, FOLDER = sys.argv[1], Path(sys.argv[2])
SLUG, AT_ONCE = "dxterminal", 64
KEY = {"x-api-key": os.environ["OPENSEA_API_KEY"]}
SETTINGS = {
    "CONCURRENT_REQUESTS": AT_ONCE,
    "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
    "CONCURRENT_ITEMS": int(sys.argv[3]) if sys.argv[3:] else 100,
    "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
    "HTTPCACHE_ENABLED": True,
    "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
    "HTTPCACHE_STORAGE": "scrapy.extensions.httpcache.DbmCacheStorage",
    "HTTPCACHE_DIR": str(FOLDER / "cache"),
}
nfts: list[dict] = []
traits: list[dict] = []


class Collection(scrapy.Spider):
    """The list, then a document for each NFT."""

    name = "collection"

    async def start(self) -> Iterator[scrapy.Request]:
        """The first page."""
        yield self.page()

    def page(self, **cursor: str) -> scrapy.Request:
        """A page of the list, before the documents that wait."""
        query = urlencode({"limit": 200, **cursor})
        url = f"{BASE}/api/v2/collection/{SLUG}/nfts?{query}"
        return scrapy.Request(url, headers=KEY, priority=1)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        """Ask for the next page and for the documents of this one."""
        page = response.json()
        if page.get("next"):
            yield self.page(next=page["next"])
        for nft in page["nfts"]:
            yield scrapy.Request(nft["metadata_url"], self.document, cb_kwargs={"nft": nft})

    def document(self, response: Response, nft: dict) -> None:
        """Keep an NFT and its traits."""
        found = json.loads(response.body).get("attributes") or []
        nfts.append({**nft, "trait_count": len(found)})
        traits.extend(
            {
                "contract": nft["contract"],
                "identifier": nft["identifier"],
                "position": position,
                "trait_type": each["trait_type"],
                "value": str(each["value"]),
                "value_number": float(each["value"])
                if isinstance(each["value"], int | float)
                else None,
                "display_type": each.get("display_type"),
            }
            for position, each in enumerate(found)
        )


if __name__ == "__main__":
    process = CrawlerProcess(SETTINGS)
    process.crawl(Collection)
    process.start()
    for name, rows in (("nfts", nfts), ("traits", traits)):
        pq.write_table(pa.Table.from_pylist(rows), FOLDER / f"{name}.parquet", compression="zstd")
