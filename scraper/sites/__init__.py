"""What sites look like, as data: one TOML file a site."""
