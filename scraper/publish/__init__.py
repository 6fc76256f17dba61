"""From records to a release in output/."""
