"""A version with many candles: 50 symbols, one data set each, in the form that an ingest leaves."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from domain.manifest import DataFile, Dataset, Publication, TableVersion
from domain.schema import Field, Kind, Schema
from domain.tables import PROVENANCE

SYMBOLS = 50
TABLE = "crypto.candles"
_FIELDS = (
    *(Field(name, Kind.STRING) for name in ("source", "symbol", "interval")),
    Field("open_time", Kind.TIMESTAMP),
    *(Field(name, Kind.NUMBER) for name in ("open", "high", "low", "close", "volume")),
    Field("trades", Kind.INTEGER),
    Field("is_final", Kind.BOOLEAN),
)
_ROWS = """
select 'binance' as source, '{symbol}' as symbol, '1m' as interval,
  timestamptz '2021-01-01 00:00:00+00' + interval (n) minute as open_time,
  price as open, round(price * 1.001, 2) as high, round(price * 0.999, 2) as low,
  round(price * (1 + 0.0005 * sin(n)), 2) as close,
  round(10 + 9 * sin(n / 37.0), 5) as volume, 100 + n % 900 as trades, true as is_final,
  'candles-{symbol}' as _run_id, timestamptz '2026-01-01 00:00:00+00' as _fetched_at
from (select n, round({base} * (1 + 0.3 * sin(n / 40000.0) + 0.01 * sin(n / 97.0)), 2) as price
      from range({rows}) as r(n))
"""


def add_candles(root: Path, rows: int) -> None:
    """Publish so many rows in all, as a data set for each symbol."""
    folder = DataFolder(root)
    folder.prepare()
    manifests = FileManifestLog(folder)
    for number in range(SYMBOLS):
        symbol = f"S{number:02}USDT"
        run_id = f"candles-{symbol}"
        path = folder.run_folder(TABLE, symbol, run_id) / "part-00000.parquet"
        path.parent.mkdir(parents=True)
        each = rows // SYMBOLS
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            sql = _ROWS.format(symbol=symbol, base=100 * (number + 1), rows=each)
            connection.execute(
                f"copy ({sql}) to '{path}' "
                "(format parquet, compression zstd, row_group_size 122880)"
            )
        content = path.read_bytes()
        at = datetime(2026, 1, 1, tzinfo=UTC)
        digest = hashlib.sha256(content).hexdigest()
        file = DataFile(folder.relative(path), each, len(content), digest)
        dataset = Dataset(run_id, "binance", at, (file,))
        version = TableVersion(
            Schema((*_FIELDS, *PROVENANCE)),
            ("source", "symbol", "interval", "open_time"),
            "One candle.",
            {symbol: dataset},
        )
        publication = Publication(run_id, symbol, {TABLE: version})
        asyncio.run(manifests.commit(publication, at))
