"""The Transparent Executor: every exec of every ABI goes through it."""
