"""``gnosis-ocr doctor``: looks whether all is there that a server needs, and says how to mend what is not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from serve_app.command_output import JsonOption, painted, print_json
from serve_app.doctor.examination import examine
from serve_app.doctor.finding import Finding, Verdict
from serve_app.exit_codes import ExitCode
from serve_app.server_choice import UrlOption

COLOURS = {Verdict.OK: typer.colors.GREEN, Verdict.WARNING: typer.colors.YELLOW, Verdict.FAULT: typer.colors.RED}
INDENT = " " * 9


def doctor(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Looks whether all is there that a server needs.

    Python, memory, ports, disk, store, keys, GPU, engines, and a server that runs; says how to mend what is amiss. Exit
    code 1 says that there is a fault.
    """
    findings = []
    for finding in examine(url):
        findings.append(finding)
        if not as_json:
            typer.echo(line(finding))
    faults = sum(finding.verdict is Verdict.FAULT for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if as_json:
        print_json({"ok": not faults, "findings": [asdict(finding) for finding in findings]})
    else:
        typer.echo(f"\n{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}.")
    raise typer.Exit(ExitCode.FAILED if faults else ExitCode.OK)


def line(finding: Finding) -> str:
    """A line, and one more for how to mend it."""
    verdict = painted(f"{finding.verdict:<{len(INDENT)}}", COLOURS[finding.verdict])
    text = f"{verdict}{finding.check}: {finding.found}"
    return f"{text}\n{INDENT}{finding.mend}" if finding.mend else text


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
