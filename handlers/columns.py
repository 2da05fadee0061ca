"""The few kinds of column that every book is made of: raw cursors know whole numbers and text only."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Text

from bot.sql import Number, Sealed


def key() -> Column[int]:
    """The row's own number."""
    return Column("id", Number, primary_key=True, autoincrement=True)


def of(name: str, table: str) -> Column[int]:
    """The row of another table that this one belongs to."""
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=False)


def words(name: str) -> Column[str]:
    """Text, "" where nothing is said."""
    return Column(name, Text, nullable=False, server_default="")


def number(name: str) -> Column[int]:
    """A whole number (fen, UTC microseconds, a count), 0 where nothing is said."""
    return Column(name, Number, nullable=False, server_default="0")


def sealed(table: str, name: str) -> Column[str]:
    """Text that is encrypted in the database, "" where nothing is said; it is selected and written as it is, never
    compared, sorted or summed there."""
    return Column(name, Sealed(f"{table}.{name}"), nullable=False, server_default="")


def sealed_number(table: str, name: str) -> Column[str]:
    """A whole number that is encrypted in the database, 0 where nothing is said."""
    return Column(name, Sealed(f"{table}.{name}", number=True), nullable=False, server_default="")
