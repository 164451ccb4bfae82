"""The declared sources that come with the program, one TOML file each."""
