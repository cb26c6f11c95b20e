"""A small topic in YAML, of harbours."""

SMALL = """
id: harbours
title: Harbours
definition: Articles on harbours, their cranes and their ships.
lists:
  harbour:
    en: [harbour*, quay, =HPA]
    es: [puerto, embargo]
    zh: [港口, 中美]
  crane: {en: [crane, cranes]}
  bird: {en: [feather*, beak]}
masks:
  es: [sin embargo]
  zh: [中美洲]
signals:
  - {name: harbour named, terms: harbour, weight: 2, cap: 4, zones: {title: 3, lead: 2, body: 1}}
  - {name: crane at a harbour, near: [crane, harbour], within: 5, unless: [bird], weight: 1, cap: 3}
thresholds: {tagged: 2, primary: 8}
tests:
  - {text: The harbour is full., level: tagged}
  - {text: The field is empty., level: none}
"""
