"""HTTP: parse, call one operation, answer."""
