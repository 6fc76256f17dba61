"""The archive of raw/: WARC segments, their index, and the readers of what users import."""
