"""dlt's declarative rest_api source: the list, then a document for each NFT."""

import os
import sys
from pathlib import Path

import dlt
from dlt.sources.rest_api import rest_api_source

BASE, FOLDER = sys.argv[1], Path(sys.argv[2])

os.environ["EXTRACT__WORKERS"] = "20"
os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = "50"

source = rest_api_source(
    {
        "client": {"base_url": BASE, "headers": {"x-api-key": os.environ["OPENSEA_API_KEY"]}},
        "resources": [
            {
                "name": "nfts",
                "endpoint": {
                    "path": "/api/v2/collection/dxterminal/nfts",
                    "params": {"limit": 200},
                    "data_selector": "nfts",
                    "paginator": {
                        "type": "cursor",
                        "cursor_path": "next",
                        "cursor_param": "next",
                    },
                },
            },
            {
                "name": "documents",
                "parallelized": True,
                "include_from_parent": ["contract", "identifier"],
                "endpoint": {
                    "path": "{resources.nfts.metadata_url}",
                    "data_selector": "$",
                    "paginator": "single_page",
                },
            },
        ],
    }
)
pipeline = dlt.pipeline(
    "bench_rest_api",
    destination=dlt.destinations.filesystem(str(FOLDER)),
    dataset_name="nft",
    pipelines_dir=str(FOLDER / "state"),
)
load = pipeline.run(source, loader_file_format="parquet", write_disposition="replace")
load.raise_on_failed_jobs()
