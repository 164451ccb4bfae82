"""What a competent user writes in an hour: asyncio, aiohttp, everything in memory."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import aiohttp
import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

SLUG, WORKERS, TRIES = "dxterminal", int(os.environ.get("WORKERS", "50")), 5
KEY = {"x-api-key": os.environ["OPENSEA_API_KEY"]}


async def get_json(session: aiohttp.ClientSession, url: str, **options: object) -> dict:
    """JSON, with five tries and growing waits; empty where there is none to be had."""
    for attempt in range(TRIES):
        try:
            async with session.get(url, **options) as response:
                if response.status < 500 and response.status != 429:
                    return orjson.loads(await response.read()) if response.ok else {}
        except orjson.JSONDecodeError:
            return {}
        except (aiohttp.ClientError, TimeoutError):
            pass
        await asyncio.sleep(2**attempt)
    message = f"{url} failed {TRIES} times"
    raise RuntimeError(message)


async def document(session: aiohttp.ClientSession, nft: dict) -> dict:
    """The metadata of one NFT."""
    url = nft["metadata_url"]
    return await get_json(session, url) if url else {}


def trait_rows(nft: dict, found: dict) -> list[dict]:
    """One row a trait."""
    return [
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
        for position, each in enumerate(found.get("attributes") or [])
    ]


async def pages(session: aiohttp.ClientSession, base: str, queue: asyncio.Queue) -> None:
    """Put every NFT of the list into the queue."""
    params = {"limit": "200"}
    while params:
        url = f"{base}/api/v2/collection/{SLUG}/nfts"
        page = await get_json(session, url, params=params, headers=KEY)
        for nft in page["nfts"]:
            await queue.put(nft)
        params = {"limit": "200", "next": page["next"]} if page.get("next") else {}
    for _ in range(WORKERS):
        await queue.put(None)


async def work(
    session: aiohttp.ClientSession, queue: asyncio.Queue, nfts: list, traits: list
) -> None:
    """Add each NFT and its traits."""
    while nft := await queue.get():
        rows = trait_rows(nft, await document(session, nft))
        nfts.append({**nft, "trait_count": len(rows)})
        traits.extend(rows)


async def main(base: str, folder: Path) -> None:
    """Fetch, write Parquet, make views."""
    nfts, traits, queue = [], [], asyncio.Queue(1000)
    began = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        workers = (work(session, queue, nfts, traits) for _ in range(WORKERS))
        await asyncio.gather(pages(session, base, queue), *workers)
    print(json.dumps({"timings": {"fetching": time.perf_counter() - began}}))
    with duckdb.connect(str(folder / "catalog.duckdb")) as catalog:
        for name, rows in (("nfts", nfts), ("traits", traits)):
            path = folder / f"{name}.parquet"
            pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
            catalog.execute(f"create or replace view {name} as from '{path}'")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
