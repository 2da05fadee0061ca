"""The rows by SQLAlchemy's async session over aiosqlite, as the two WeCom peers keep them."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.peers.books import PRAGMAS, answered, state_of

CONNECTIONS = 1  # of 1, 2, 5 and 15 the fastest: more of them only wait for SQLite's lock


class Base(DeclarativeBase):
    """The tables of books.py."""


class Member(Base):
    """Who speaks."""

    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    name: Mapped[str]


class Activity(Base):
    """The open meeting of a group."""

    __tablename__ = "activities"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[str]
    title: Mapped[str]


class Seen(Base):
    """The dedupe key."""

    __tablename__ = "seen"
    message: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int]


class Answer(Base):
    """What a member said."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int]
    member_id: Mapped[int]
    state: Mapped[str]
    at: Mapped[int]


class Trail(Base):
    """What was done."""

    __tablename__ = "trail"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int]
    action: Mapped[str]
    what: Mapped[str]
    at: Mapped[int]


def sessions(path: str) -> async_sessionmaker[AsyncSession]:
    """Sessions on a database file."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=CONNECTIONS, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(pragma)

    return async_sessionmaker(engine, expire_on_commit=False)


async def record(session: AsyncSession, message_id: str, chat: str, account: str, text: str) -> str:
    """One message in one transaction; the line to answer. A message seen before does nothing."""
    at, state = time.time_ns() // 1000, state_of(text)
    session.add(Seen(message=message_id, at=at))
    try:
        await session.flush()
    except IntegrityError:
        return "已登记过。"
    member = (await session.scalars(select(Member).where(Member.account == account))).one()
    activity = (await session.scalars(select(Activity).where(Activity.chat == chat))).one()
    session.add(Answer(activity_id=activity.id, member_id=member.id, state=state, at=at))
    session.add(Trail(member_id=member.id, action="answer", what=state, at=at))
    await session.commit()
    return answered(member.name, state, activity.title)
