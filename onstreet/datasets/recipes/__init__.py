"""Recipes: how the files that a city publishes become blocks, written down as TOML and checked before use."""
