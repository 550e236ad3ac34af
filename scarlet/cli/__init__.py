"""The `scarlet` command: what runs on the host. Ordinary Python; nothing here is compiled into the kernel."""
