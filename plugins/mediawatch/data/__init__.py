"""What ships as data: the first topic files, their JSON Schema, subscriptions to begin with."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def topics() -> list[tuple[str, str]]:
    """(file name, YAML) of the topics that ship, in order of their names."""
    folder = files(__name__) / "topics"
    return sorted((f.name, f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".yaml"))


def notices() -> str:
    """YAML: how publishers say that an article was retracted or corrected."""
    return (files(__name__) / "notices.yaml").read_text(encoding="utf-8")


def common_words() -> list[tuple[str, float]]:
    """(word, share of articles that hold it) of the thousand commonest words of English news."""
    lines = (files(__name__) / "common_words_en.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if not line.startswith("#")]
    return [(word, int(thousandths) / 1000) for word, thousandths in pairs]


def agencies() -> dict[str, Any]:
    """The agencies that ship, as agencies.yaml lists them."""
    loaded: dict[str, Any] = yaml.safe_load((files(__name__) / "agencies.yaml").read_text(encoding="utf-8"))
    return loaded


def alerts() -> str:
    """YAML: the alert rules that ship."""
    return (files(__name__) / "alerts.yaml").read_text(encoding="utf-8")
