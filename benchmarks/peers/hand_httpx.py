"""The same script over stock httpx: 64 workers, and httpx's own defaults otherwise."""

import asyncio
import json
import sys
import time
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from hand_aiohttp import KEY, SLUG, TRIES, trait_rows

WORKERS = 64


async def get_json(client: httpx.AsyncClient, url: str, **options: object) -> dict:
    """JSON, with five tries and growing waits; empty where there is none to be had."""
    for attempt in range(TRIES):
        try:
            response = await client.get(url, **options)
            if response.status_code < 500 and response.status_code != 429:
                return response.json() if response.is_success else {}
        except json.JSONDecodeError:
            return {}
        except httpx.TransportError:
            pass
        await asyncio.sleep(2**attempt)
    message = f"{url} failed {TRIES} times"
    raise RuntimeError(message)


async def pages(client: httpx.AsyncClient, base: str, queue: asyncio.Queue) -> None:
    """Put every NFT of the list into the queue."""
    params = {"limit": "200"}
    while params:
        url = f"{base}/api/v2/collection/{SLUG}/nfts"
        page = await get_json(client, url, params=params, headers=KEY)
        for nft in page["nfts"]:
            await queue.put(nft)
        params = {"limit": "200", "next": page["next"]} if page.get("next") else {}
    for _ in range(WORKERS):
        await queue.put(None)


async def work(client: httpx.AsyncClient, queue: asyncio.Queue, nfts: list, traits: list) -> None:
    """Add each NFT and its traits."""
    while nft := await queue.get():
        url = nft["metadata_url"]
        rows = trait_rows(nft, await get_json(client, url) if url else {})
        nfts.append({**nft, "trait_count": len(rows)})
        traits.extend(rows)


async def main(base: str, folder: Path) -> None:
    """Fetch, write Parquet."""
    nfts, traits, queue = [], [], asyncio.Queue(1000)
    began = time.perf_counter()
    async with httpx.AsyncClient() as client:
        workers = (work(client, queue, nfts, traits) for _ in range(WORKERS))
        await asyncio.gather(pages(client, base, queue), *workers)
    print(json.dumps({"timings": {"fetching": time.perf_counter() - began}}))
    for name, rows in (("nfts", nfts), ("traits", traits)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
