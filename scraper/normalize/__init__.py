"""From the strings of pages to typed records."""
