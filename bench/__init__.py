"""Side-by-side measurements of speed and memory; `make bench` runs them, docs/bench.md quotes one.

All pages are generated and fictional; their label lines are those of the profile `codingahead`.
"""
