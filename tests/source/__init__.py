"""What the source itself promises: who imports whom, which languages there are, types and style."""
