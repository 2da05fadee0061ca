"""One channel is one file here and one line in PLATFORMS."""
