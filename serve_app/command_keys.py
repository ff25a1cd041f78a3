"""``gnosis-ocr keys``: adds, lists and revokes the API keys of GNOSIS_API_KEYS_FILE.

A server that runs with the file takes up a change within a second or two, by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cluster.clock import SystemClock, to_text
from serve_app.command_output import JsonOption, print_json
from serve_app.exit_codes import EPILOG, ExitCode, complain, faults_as_exit_codes
from serve_app.key_file import KeyEntry, change_keys, checked_email, entry_of, new_key, read_keys
from serve_app.limits import Limits

keys = typer.Typer(
    name="keys",
    help="API keys: who may use the server, and how much.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FileOption = Annotated[
    Path,
    typer.Option("--file", metavar="PATH", envvar="GNOSIS_API_KEYS_FILE", dir_okay=False, help="The file of keys."),
]


def _checked_email(value: str) -> str:
    try:
        return checked_email(value)
    except ValueError as error:
        raise typer.BadParameter(f"{value[:100]!r} {error}.") from None


@keys.command(epilog=EPILOG)
def add(
    email: Annotated[str, typer.Argument(metavar="EMAIL", callback=_checked_email, help="Whose key it is.")],
    file: FileOption,
    jobs_at_once: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Most jobs that have not ended; default: no limit.")
    ] = None,
    pages_a_day: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Most pages a day (UTC); default: no limit.")
    ] = None,
    upload_mb: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Largest document; default: the server's own limit.")
    ] = None,
    requests_a_second: Annotated[
        float | None, typer.Option(metavar="NUMBER", min=0.001, help="Most requests a second; default: no limit.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Makes a key and prints it, once: the file keeps its hash alone."""
    limits = Limits(jobs_at_once, pages_a_day, upload_mb, requests_a_second)
    with faults_as_exit_codes():
        key = new_key()
        entry = entry_of(key, email, limits, to_text(SystemClock().now()))
        change_keys(file, lambda held: (*held, entry))
    if as_json:
        print_json({"key": key, **_described(entry)})
    else:
        typer.echo(key)
    complain(f"key {entry.id} of {email} added to {file}; it is not shown again.")


@keys.command("list", epilog=EPILOG)
def list_keys(file: FileOption, as_json: JsonOption = False) -> None:
    """Lists the keys by their ids, with their users and limits."""
    with faults_as_exit_codes():
        held = read_keys(file)
    if as_json:
        print_json({"keys": [_described(entry) for entry in held]})
        return
    for entry in held:
        typer.echo(f"{entry.id}  {entry.created_at[:10] or '-':<10}  {entry.user}  {limits_text(entry)}")


@keys.command(epilog=EPILOG)
def revoke(
    which: Annotated[str, typer.Argument(metavar="ID|EMAIL", help="A key as `list` names it, or all of a user's.")],
    file: FileOption,
    as_json: JsonOption = False,
) -> None:
    """Removes a key, or all keys of a user. Their jobs stay."""
    removed: list[KeyEntry] = []

    def without(held: tuple[KeyEntry, ...]) -> tuple[KeyEntry, ...]:
        removed.extend(entry for entry in held if which.lower() in (entry.id, entry.sha256, entry.user.lower()))
        return tuple(entry for entry in held if entry not in removed)

    with faults_as_exit_codes():
        read_keys(file)  # one that is missing is told, not made
        change_keys(file, without)
    if not removed:
        complain(f"{file} has no key {which[:100]!r}; `gnosis-ocr keys list` names them.")
        raise typer.Exit(ExitCode.FAILED)
    if as_json:
        print_json({"revoked": [_described(entry) for entry in removed]})
        return
    for entry in removed:
        typer.echo(f"revoked {entry.id} of {entry.user}")


def _described(entry: KeyEntry) -> dict[str, Any]:
    limits = entry.limits.model_dump(exclude_none=True)
    return {"id": entry.id, "user": entry.user, "created_at": entry.created_at, "limits": limits}


def limits_text(entry: KeyEntry) -> str:
    """``5 jobs at once, 200 pages a day``, or ``no limits``."""
    limits = entry.what_is_limited
    told = [
        (limits.jobs_at_once, "jobs at once"),
        (limits.pages_a_day, "pages a day"),
        (limits.upload_mb, "MB a document"),
        (limits.requests_a_second, "requests a second"),
    ]
    return ", ".join(f"{number:g} {what}" for number, what in told if number is not None) or "no limits"
