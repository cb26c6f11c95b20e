"""What articles are on: topics that analysts write, and the matcher that finds them with evidence."""
