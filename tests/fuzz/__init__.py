"""Hostile input: every decoder gets bytes that nobody meant, in `make test` by hypothesis, in `make fuzz` for long."""
