"""Twins of the platforms: they speak the real protocols over real sockets, and are as unkind as the real ones."""
