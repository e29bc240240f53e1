"""Handlers that log, or spoil the logs."""

from __future__ import annotations

import logging

from tests.dayjob.hostile.table import HERE, hostile

from dayjob import JobContext


class Mute(logging.Handler):
    """Raises at every record."""

    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("this handler is broken")


@hostile("OSError: this handler is broken")
def adds_a_log_handler_that_raises() -> None:
    logger = logging.getLogger("mute")
    logger.addHandler(Mute())
    logger.warning("heard by nobody")


@hostile(on=HERE)
def breaks_the_logs_of_dayjob() -> None:
    logging.getLogger("dayjob").addHandler(Mute())


@hostile()
def logs_what_cannot_be_formatted() -> None:
    class Hidden:
        def __str__(self) -> str:
            raise ValueError("not to be shown")

    logging.getLogger("its.own").warning("%d %s", "no number", Hidden(), 3)
    logging.getLogger("its.own").warning(Hidden())  # type: ignore[arg-type]
    logging.getLogger("its.own").warning("\ud800\0 %s", 5_000_000 * "x")


@hostile()
def logs_without_end(ctx: JobContext) -> None:
    for number in range(20_000):
        ctx.log.info("line %d", number)


@hostile()
def takes_the_log_handlers_away() -> None:
    logging.getLogger().handlers.clear()
    logging.shutdown()


@hostile()
def switches_logging_off() -> None:
    logging.disable(logging.CRITICAL)
    logging.raiseExceptions = True
