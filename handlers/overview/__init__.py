"""总览: what is done and not done, the figures and the rows behind them, in a browser."""

from handlers.overview.behind import PAGE, Behind, behind_figure
from handlers.overview.messages import Sent, sent
from handlers.overview.sight import Sight, sight_of
from handlers.overview.words import DASHBOARD

__all__ = ["DASHBOARD", "PAGE", "Behind", "Sent", "Sight", "behind_figure", "sent", "sight_of"]
