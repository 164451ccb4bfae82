"""What a competent user writes in an hour: asyncio, aiohttp, everything in memory."""

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

SLUG, WORKERS, TRIES = "dxterminal", 50, 5


async def get(session: aiohttp.ClientSession, url: str, **params: str) -> dict:
    """JSON, with five tries and growing waits."""
    for attempt in range(TRIES):
        try:
            async with session.get(url, params=params) as response:
                response.raise_for_status()
                return json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(2**attempt)
    raise RuntimeError


async def pages(session: aiohttp.ClientSession, base: str, queue: asyncio.Queue) -> None:
    """Put every NFT of the list into the queue."""
    cursor = None
    while True:
        params = {"limit": "200"} | ({"next": cursor} if cursor else {})
        page = await get(session, f"{base}/api/v2/collection/{SLUG}/nfts", **params)
        for nft in page["nfts"]:
            await queue.put(nft)
        cursor = page.get("next")
        if not cursor:
            break
    for _ in range(WORKERS):
        await queue.put(None)


async def work(
    session: aiohttp.ClientSession, queue: asyncio.Queue, nfts: list, traits: list
) -> None:
    """Add the traits of each NFT's document."""
    while nft := await queue.get():
        document = await get(session, nft["metadata_url"])
        attributes = document.get("attributes") or []
        nfts.append({**nft, "trait_count": len(attributes)})
        for position, attribute in enumerate(attributes):
            value = attribute["value"]
            traits.append(
                {
                    "contract": nft["contract"],
                    "identifier": nft["identifier"],
                    "position": position,
                    "trait_type": attribute["trait_type"],
                    "value": str(value),
                    "value_number": float(value) if isinstance(value, int | float) else None,
                    "display_type": attribute.get("display_type"),
                }
            )


async def main(base: str, folder: Path) -> None:
    """Fetch, write Parquet, make views."""
    nfts, traits, queue = [], [], asyncio.Queue(1000)
    async with aiohttp.ClientSession(headers={"x-api-key": "bench"}) as session:
        workers = (work(session, queue, nfts, traits) for _ in range(WORKERS))
        await asyncio.gather(pages(session, base, queue), *workers)
    with duckdb.connect(str(folder / "catalog.duckdb")) as catalog:
        for name, rows in (("nfts", nfts), ("traits", traits)):
            path = folder / f"{name}.parquet"
            pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
            catalog.execute(f"create or replace view {name} as from '{path}'")
    print(json.dumps({"nfts": len(nfts), "traits": len(traits)}))


Path(sys.argv[2]).mkdir(parents=True)
asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
