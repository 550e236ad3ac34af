"""The virtual file system: how names become files, and the file systems themselves (docs/architecture.md)."""
