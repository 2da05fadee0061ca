"""What people and platforms meet: the doors, the words, the machine's own rows."""
