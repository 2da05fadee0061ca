"""/report: figures, the rows behind them, and papers that are made beside the answering."""

from handlers.reports.exports import OPEN, TOLD, claim, finished, made, order
from handlers.reports.words import COMMANDS

__all__ = ["COMMANDS", "OPEN", "TOLD", "claim", "finished", "made", "order"]
