"""The formats by their names."""

from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import pyarrow as pa

from adapters.catalog.formats.binary_formats import write_arrow, write_arrow_file, write_parquet
from adapters.catalog.formats.csv_format import write_csv
from adapters.catalog.formats.json_format import write_json, write_ndjson
from adapters.catalog.formats.line_format import write_line
from adapters.catalog.formats.markdown_format import write_markdown
from adapters.catalog.formats.table_format import write_table
from adapters.catalog.formats.tsv_format import write_tsv
from application.ports.query_engine import Column
from application.ports.result_writer import Layout

type TextFormat = Callable[
    [Sequence[Column], Iterable[pa.RecordBatch], Layout, BinaryIO], int | None
]

TEXT: dict[str, TextFormat] = {
    "table": write_table,
    "csv": write_csv,
    "tsv": write_tsv,
    "json": write_json,
    "ndjson": write_ndjson,
    "markdown": write_markdown,
    "line": write_line,
}
BINARY = {"parquet": write_parquet, "arrow": write_arrow, "arrow-file": write_arrow_file}
