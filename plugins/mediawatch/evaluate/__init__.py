"""Measuring: a part of mediawatch over files that somebody brings, with figures for a program to read."""
