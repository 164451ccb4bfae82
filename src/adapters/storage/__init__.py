"""The data folder: staged Parquet, the manifest log, runs, locks, published files."""
