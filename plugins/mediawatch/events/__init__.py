"""Grouping stories into events; the tables are there, the method is not yet."""
