"""The one HTTP layer: client, address guard, robots, pacing and the archive of what was fetched."""
