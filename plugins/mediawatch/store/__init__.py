"""Postgres: named statements from sql/, and rows to and from the values that flow. Only here is psycopg2 imported."""
