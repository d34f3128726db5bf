"""`exportwatch reconcile`: account for every input record."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click
import orjson

from exportwatch.commands.asking import ask
from exportwatch.errors import FINDING, OK
from exportwatch.reconcile.account import Question, reconcile
from exportwatch.settings import load_settings

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")


@click.command(name="reconcile")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day for which decisions must still hold; today in Asia/Shanghai unless given.",
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds after publication in which a record may still be on its way.",
)
def command(as_json: bool, on: datetime | None, grace: float) -> int:
    """Hold every input record against decisions and quarantine.

    Names each record that is not accounted for, each gap that retention left, and each decision past the day
    on which the law may say otherwise. Status 1 where there is one.
    """
    settings = load_settings()
    connection = settings.kafka
    day = on.date() if on else datetime.now(LEGAL_ZONE).date()
    question = Question(settings.group("screening"), day, int(time.time() * 1000), grace)
    report = ask(connection, reconcile(connection, question))
    if as_json:
        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in report.lines():
            click.echo(line)
    return OK if report.clean else FINDING
