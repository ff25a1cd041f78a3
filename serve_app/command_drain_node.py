"""``gnosis-ocr drain-node``: this machine's node of a Ray cluster is drained before it goes."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cluster.clock import SystemClock
from serve_app.command_output import JsonOption, print_json
from serve_app.exit_codes import faults_as_exit_codes


def drain_node(
    node: Annotated[str | None, typer.Option(metavar="ID", help="Another node, by Ray's id of it.")] = None,
    within: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=3600, help="Seconds until the node is gone in any case.")
    ] = 60,
    as_json: JsonOption = False,
) -> None:
    """Moves what runs on a cluster's node elsewhere, before it goes.

    The node is this machine's. Ends as soon as it is free, and with 0 also where something is left when the time is
    over: nothing that was accepted is lost by that.
    """
    with faults_as_exit_codes():
        from serve_app.ray_drain import drain

        left = sorted(asyncio.run(drain(node, within, SystemClock())))
    if as_json:
        print_json({"left": left})
    else:
        typer.echo(f"Still here: {', '.join(left)}." if left else "The node is free.")
