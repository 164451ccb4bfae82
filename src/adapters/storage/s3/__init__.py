"""A data folder in an object store that speaks S3, worked on through a mirror on this machine."""
