"""What is done about a message: one file per book of the branch."""
