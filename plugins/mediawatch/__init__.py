"""mediawatch: news feeds in, a Postgres database that an analyst can trust out."""

__version__ = "0.1.0"
