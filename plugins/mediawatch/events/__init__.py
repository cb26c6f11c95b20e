"""Which stories tell of the same happening, and why."""
