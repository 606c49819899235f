"""The pixi sandbox over its wire, as a client meets it."""
