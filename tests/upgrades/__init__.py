"""Databases as earlier programs left them: each migrates to the newest shape and is whole."""
