"""`python -m bot …` as a person or a script calls it."""
