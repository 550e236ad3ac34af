"""ABI modules as packages of third parties."""
