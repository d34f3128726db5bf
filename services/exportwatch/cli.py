"""The command line: a thin group whose subcommands are loaded when they are called.

A subcommand lives in `exportwatch.commands.NAME` as `command`. Nothing is imported before its name is given,
so that `exportwatch --help` and the pure commands do not pay for Kafka clients. Exit status: 0 done, 1
something was found, 2 wrong use or an error of the operator's, 70 a bug or broken infrastructure.
"""

import logging
import os
import sys
from importlib import import_module, util
from importlib.metadata import version
from typing import NoReturn

import click

from exportwatch.errors import CRASH, OK, WRONG_USE, ConfigError, did_you_mean

INTERRUPTED = 130
READER_LEFT = 141

COMMANDS = {
    "demo": "Run the whole on this machine with example events.",
    "screen": "Screen events of a file; needs no Kafka.",
    "explain": "Explain the decision for one event to a person.",
    "evaluate": "Run sets of cases and say how right the decisions are.",
    "articles": "Say which lines of an article master would raise an alert.",
    "law": "Check the law pack, show, draw and compare it; the clock of applications.",
    "run": "Run a service, or all of them.",
    "reconcile": "Account for every input record.",
    "quarantine": "Look at, resume and replay what was quarantined.",
    "control": "Check the control topics: law, licenses, parties.",
    "parties": "Import party lists; show what they hold and whom they name.",
    "topics": "Compare the topics with their files, create and change them.",
    "feed": "Publish example or generated events as an ERP would.",
    "broker": "Run a Kafka broker on this machine.",
    "config": "Show and check the settings.",
}


class Commands(click.Group):
    """Subcommands by name; one whose module is not installed is not listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if util.find_spec(f"exportwatch.commands.{name}") is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"exportwatch.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            hint = did_you_mean(args[0], self.list_commands(ctx)) or "`exportwatch --help` lists them"
            raise click.UsageError(f'no command "{args[0]}" ({hint})', ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Caught before click sees it, which would leave with 1.
            silence_output()
            ctx.exit(READER_LEFT)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The base class imports every subcommand for its first line.
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("exportwatch"), prog_name="exportwatch")
def group() -> None:
    """Export-control screening of ERP events on Kafka."""


def main() -> NoReturn:
    """The console script. Ends the process with the exit status described above."""
    try:
        status = group.main(prog_name="exportwatch", standalone_mode=False)
        sys.stdout.flush()
    except ConfigError as wrong:
        click.echo(f"exportwatch: {wrong}", err=True)
        sys.exit(WRONG_USE)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        silence_output()
        sys.exit(READER_LEFT)
    except Exception:
        # A worker's log is set up by now and leaves out what an error's text may quote; else a traceback.
        logging.getLogger("exportwatch").critical("crashed", exc_info=True)
        sys.exit(CRASH)
    sys.exit(status if isinstance(status, int) else OK)


def silence_output() -> None:
    """The reader of our output is gone (`… | head`): Python must not complain when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
