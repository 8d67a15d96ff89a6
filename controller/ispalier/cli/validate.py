"""`ispalier validate`: what is wrong with files, without a cluster or any system."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ispalier.cli.output import (
    Exit,
    Paths,
    as_json,
    counted,
    err,
    out,
    print_json,
    print_problems,
)
from ispalier.cli.reports import REPORTS, Report


def validate(
    paths: Paths,
    *,
    format_: Annotated[
        Report,
        typer.Option(
            "--format",
            "-o",
            help="Print text for people, JSON for programs, or what GitHub, GitLab (Code Quality),"
            " JUnit or SARIF readers show.",
        ),
    ] = Report.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
) -> None:
    """Check files as the API server and the controller would, without asking either.

    Every problem is one line: FILE:LINE:COLUMN: KIND/NAME: FIELD: what is wrong; what to do.

    A reference to something that these files should hold is an error, to something else a warning.
    """
    from ispalier.cli.problems import problems, read  # noqa: PLC0415 - other commands start faster
    from ispalier.world.findings import Level  # noqa: PLC0415

    loaded = read(paths)
    found = problems(loaded, datetime.now(UTC))
    errors = sum(1 for each in found if each.level is Level.ERROR)
    warnings = len(found) - errors
    size = f"{counted(len(loaded.origins), 'resource')} in {counted(loaded.files, 'file')}"
    if format_ is Report.JSON:
        whole = {"files": loaded.files, "resources": len(loaded.origins)}
        print_json({**whole, "problems": as_json(found)})
    elif format_ in REPORTS:
        typer.echo(REPORTS[format_](found), nl=False)
    else:
        print_problems(found, out())
        told = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if found else "ok"
        err().print(f"{told}: {size}")
    raise typer.Exit(Exit.PROBLEMS if errors or (strict and warnings) else Exit.OK)
