"""The calendar asks: when, whom and whether it was done already."""
