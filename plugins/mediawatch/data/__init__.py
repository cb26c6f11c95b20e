"""What ships as data: the first topic files, their JSON Schema, subscriptions to begin with."""

from __future__ import annotations

from importlib.resources import files


def topics() -> list[tuple[str, str]]:
    """(file name, YAML) of the topics that ship, in order of their names."""
    folder = files(__name__) / "topics"
    return sorted((f.name, f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".yaml"))


def notices() -> str:
    """YAML: how publishers say that an article was retracted or corrected."""
    return (files(__name__) / "notices.yaml").read_text(encoding="utf-8")
