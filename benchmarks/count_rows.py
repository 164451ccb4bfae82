"""Prints as JSON what two tables hold: `count_rows.py NFTS_GLOB TRAITS_GLOB`.

A process of its own: a parent that has loaded DuckDB would hand its peak memory to its children.
"""

import json
import sys

import duckdb

_SQL = """
select
  (select count(*) from read_parquet($nfts)),
  (select count(distinct identifier) from read_parquet($nfts)),
  (select count(*) from read_parquet($traits)),
  (select count(distinct trait_type) from read_parquet($traits))
"""

found = duckdb.execute(_SQL, {"nfts": sys.argv[1], "traits": sys.argv[2]}).fetchone()
names = ("nfts", "identifiers", "traits", "trait_types")
print(json.dumps(dict(zip(names, found or (), strict=True))))
