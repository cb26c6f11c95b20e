"""Which articles are the same piece of writing, and why."""
