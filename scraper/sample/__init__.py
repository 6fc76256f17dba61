"""The embedded sample site: fictional pages, served over loopback."""
