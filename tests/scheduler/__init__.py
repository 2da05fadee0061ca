"""The calendar at work: what it says, to whom, when, how often, and that it survives whatever the clock does."""
