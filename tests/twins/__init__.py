"""Twins of the platforms: real sockets, real signatures, none of our code."""
