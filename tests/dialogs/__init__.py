"""Dialogs as lists of (who, says, hears), on both engines."""
