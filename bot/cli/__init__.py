"""The subcommands of `python -m bot`: each is a few lines over the same operations as the chat."""
