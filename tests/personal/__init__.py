"""What is held on people: told, looked at, sealed, let go of."""
