"""Every decision, and nothing else: pure functions over values, no I/O."""
