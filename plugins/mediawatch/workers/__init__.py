"""Worker processes for untrusted input: bounded time and memory for each task, whatever the work is."""
