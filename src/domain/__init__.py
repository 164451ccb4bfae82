"""What a data set, a source, a run and an HTTP response are; the standard library only."""
