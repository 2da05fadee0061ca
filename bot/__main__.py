"""`python -m bot …`: every call is one function here, and every failure one line on stderr."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from bot.cli.commands import app
from bot.cli.keeper import keep_private
from bot.config import ConfigError
from bot.message import Refused, Trouble


def main() -> NoReturn:
    """Exit 0 done, 1 failed (one line says what to do), 2 wrongly called. `--debug` shows the traceback."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    keep_private()
    try:
        code = app(args=arguments, prog_name="python -m bot", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TyperException as error:
        _fail(f"{error.format_message()} (python -m bot --help shows every call)", error.exit_code, debug)
    except (ConfigError, Trouble, OSError, ValueError) as error:
        _fail(_lines(error), 1, debug)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Exception as error:
        _fail(f"a bug: {type(error).__name__}: {error} (again with --debug for the whole story)", 1, debug)


def _lines(error: Exception) -> str:
    """One line; of a configuration or a sheet one per fault."""
    if isinstance(error, ConfigError):
        return "\n".join(error.lines)
    return str(error) if isinstance(error, Refused) else " ".join(str(error).split())


def _fail(text: str, code: int, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(text, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
