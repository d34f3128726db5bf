"""Why a broker does not let us in: the user, the password, a certificate. Asked when a client cannot connect.

The clients say only that nobody answers, and go on trying; a wrong password would look like an outage for ever.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka import errors
from aiokafka.conn import create_conn

from exportwatch.errors import ConfigError

PATIENCE_SECONDS = 15.0
NOT_OUR_NAME = (
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)
# An orderly or a torn end of the connection: the broker stops, or its network does.
ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
EXPIRED, NOT_YET_VALID = 10, 9


def refuse_closed_door(options: Mapping[str, Any]) -> None:
    """As `why_closed`, outside of an event loop; raises what that returns."""
    if is_guarded(options) and (closed := asyncio.run(why_closed(options))) is not None:
        raise closed


def is_guarded(options: Mapping[str, Any]) -> bool:
    """Whoever reaches a plain listener is let in."""
    return bool(options.get("security_protocol", "PLAINTEXT") != "PLAINTEXT")


async def why_closed(options: Mapping[str, Any]) -> ConfigError | None:
    """Knocks at each of the servers of a client's options. None where one lets us in, or none says why not.

    A plain connection is not tried.
    """
    found = None
    for server in options["bootstrap_servers"] if is_guarded(options) else ():
        try:
            await _knock(server, options)
        except (OSError, errors.KafkaError, TimeoutError) as error:
            found = found or reason(server, error)
        else:
            return None
    return found


async def _knock(server: str, options: Mapping[str, Any]) -> None:
    host, _, port = server.rpartition(":")
    named = (
        "security_protocol",
        "ssl_context",
        "sasl_mechanism",
        "sasl_plain_username",
        "sasl_plain_password",
    )
    connection = await create_conn(
        host.strip("[]"),
        int(port),
        request_timeout_ms=int(PATIENCE_SECONDS * 1000),
        **{name: options[name] for name in named if name in options},
    )
    connection.close()


def reason(server: str, error: BaseException) -> ConfigError | None:
    """What the operator must put right; None for an outage. Says neither the user nor the password."""
    match error:
        case ssl.SSLCertVerificationError():
            return ConfigError(
                f"the broker's certificate is refused: {error.verify_message}",
                file=server,
                hint=(
                    "the broker needs a valid one; or a clock is wrong"
                    if error.verify_code in (EXPIRED, NOT_YET_VALID)
                    else "EXPORTWATCH_SSL_CAFILE names the authority that we trust"
                ),
            )
        case ssl.SSLError() if not isinstance(error, ENDED):
            return ConfigError(
                f"no TLS connection: {error}",
                file=server,
                hint="check the EXPORTWATCH_SSL_ settings and EXPORTWATCH_SECURITY_PROTOCOL",
            )
        case errors.KafkaError() if isinstance(error, NOT_OUR_NAME):
            return ConfigError(
                "Kafka does not accept this user and password, or not this way of saying them",
                file=server,
                hint="check the EXPORTWATCH_SASL_ settings",
            )
        case _:
            return None
