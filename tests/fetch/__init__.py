"""Tests of scraper/fetch: real sockets over loopback, and pure functions."""
