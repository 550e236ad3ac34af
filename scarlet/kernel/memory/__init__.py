"""Memory: frames, page tables, areas, address spaces, and the typed ways to user memory."""
