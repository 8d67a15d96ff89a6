"""`ispalier validate`: what is wrong with files, without a cluster or any system."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.output import Exit, as_json, counted, err, fail, out, print_json, print_problems
from ispalier.cli.reports import REPORTS, Report
from ispalier.cli.run import KubeconfigOption
from ispalier.world.errors import Invalid, Unavailable

STDIN = Path("-")


def validate(  # noqa: PLR0913 - options of a command
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Folders and files of YAML; folders are read whole; - is standard input.",
        ),
    ],
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
    rev: Annotated[
        str, typer.Option("--rev", metavar="REV", help="Check the files as they were at REV.")
    ] = "",
    changed_since: Annotated[
        str,
        typer.Option(
            "--changed-since",
            metavar="REV",
            help="Tell only what was not wrong at REV, and what may not become of what was there.",
        ),
    ] = "",
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="What is referred to may be declared elsewhere."),
    ] = False,
    kubeconfig: KubeconfigOption = None,
    context: Annotated[
        str | None,
        typer.Option("--context", help="Take what is not in the files from this cluster."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
) -> None:
    """Check files as the API server and the controller would, without asking either.

    Every problem is one line: FILE:LINE:COLUMN: KIND/NAME: FIELD: what is wrong; what to do.

    A reference to something that these files should hold is an error, to something else a warning.

    Ends with 0 if nothing is wrong, 1 if something is, 2 if it could not look.
    """
    from ispalier.cli.checking import Checking, in_cluster  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.problems import Beside  # noqa: PLC0415
    from ispalier.world.findings import Level  # noqa: PLC0415

    for path in paths:
        if path != STDIN and not path.exists():
            raise typer.BadParameter(f"path '{path}' does not exist.", param_hint="PATH")
    try:
        world = in_cluster(kubeconfig, context) if kubeconfig or context else None
        beside = Beside(world, anything=allow_missing)
        seen = Checking(paths, datetime.now(UTC), beside).look(rev, changed_since)
    except (Invalid, Unavailable) as error:
        fail(error, Exit.USAGE)
    errors = sum(1 for each in seen.problems if each.level is Level.ERROR)
    warnings = len(seen.problems) - errors
    size = f"{counted(seen.resources, 'resource')} in {counted(seen.files, 'file')}"
    if format_ is Report.JSON:
        whole = {"files": seen.files, "resources": seen.resources}
        print_json({**whole, "problems": as_json(seen.problems)})
    elif format_ in REPORTS:
        typer.echo(REPORTS[format_](seen.problems), nl=False)
    else:
        print_problems(seen.problems, out())
    told = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if seen.problems else "ok"
    if format_ is not Report.JSON:
        err().print(f"{told}: {size}")
    raise typer.Exit(Exit.PROBLEMS if errors or (strict and warnings) else Exit.OK)
