"""The order of the stages, and the only place that knows all of them.

Fetching and parsing meet in the archive alone: what was fetched is kept before it is parsed.
"""
