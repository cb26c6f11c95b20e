"""What the terminal shows: each module turns rows into something that a person wants to read."""
