"""Every figure of a report, once, with the rows behind it."""

from handlers.figures.catalogue import CATALOGUE, FIGURES, GROUPS, HEADLINES
from handlers.figures.figure import Figure, Value, rounded_down
from handlers.figures.reckon import (
    Report,
    branch_names,
    check_first_record,
    defined,
    is_recorded,
    named,
    nearest,
    reckon,
    value,
)
from handlers.figures.rows import Reading
from handlers.figures.span import PARTS, Question, Span, coded, made, question, said

__all__ = [
    "CATALOGUE",
    "FIGURES",
    "GROUPS",
    "HEADLINES",
    "PARTS",
    "Figure",
    "Question",
    "Reading",
    "Report",
    "Span",
    "Value",
    "branch_names",
    "check_first_record",
    "coded",
    "defined",
    "is_recorded",
    "made",
    "named",
    "nearest",
    "question",
    "reckon",
    "rounded_down",
    "said",
    "value",
]
