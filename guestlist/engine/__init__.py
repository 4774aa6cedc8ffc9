"""The shell: gather, decide, apply, record."""
