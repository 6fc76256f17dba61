"""From the bytes of a page to its strings; pure, and run in workers that may be killed."""
