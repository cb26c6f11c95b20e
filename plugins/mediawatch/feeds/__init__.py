"""Feeds: what they announce, when to ask them again, and how they are listed; pure."""
