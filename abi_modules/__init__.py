"""ABI modules: one package for each kind of program Scarlet runs."""
