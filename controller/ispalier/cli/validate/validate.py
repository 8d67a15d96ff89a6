"""`ispalier validate`: what is wrong with files, without a cluster or any system."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.output import Exit, as_json, counted, fail, print_json, print_problems, say
from ispalier.cli.serve.run import KubeconfigOption
from ispalier.cli.validate.ahead import ahead
from ispalier.cli.validate.asked import STDIN, Wanted
from ispalier.cli.validate.looking import look
from ispalier.cli.validate.reports import REPORTS, Report
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.findings import Level, tame


def validate(  # noqa: PLR0913 - options of a command
    command: typer.Context,
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
        str,
        typer.Option(
            "--rev",
            metavar="REV",
            autocompletion=names.revisions,
            help="Check the files as they were at REV.",
        ),
    ] = "",
    changed_since: Annotated[
        str,
        typer.Option(
            "--changed-since",
            metavar="REV",
            autocompletion=names.revisions,
            help="Tell only what was not wrong at REV, where this change left it, and what may not"
            " become of what was there.",
        ),
    ] = "",
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="What is referred to may be declared elsewhere."),
    ] = False,
    kubeconfig: KubeconfigOption = None,
    context: Annotated[
        str | None,
        typer.Option(
            "--context",
            metavar="NAME",
            autocompletion=names.contexts,
            help="Take what is not in the files from this cluster.",
        ),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option(
            "--author",
            metavar="WHO",
            help="Tell what this person may not change, by .ispalier.yaml as it was at REV of"
            " --changed-since: a mail address or the forge's user name; several with commas, each of whom"
            " must be allowed everything.",
        ),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(
            "--groups", metavar="GROUP", help="Groups of the author; repeated or with commas."
        ),
    ] = None,
    commits_author: Annotated[
        bool,
        typer.Option(
            "--commits-author",
            help="The author is who made the commits. Anybody can write any name there: in CI give"
            " the forge's own user to --author.",
        ),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
) -> None:
    """Check files as the API server and the controller would, without asking either.

    Every problem is one line: FILE:LINE:COLUMN: KIND/NAME: FIELD: what is wrong; what to do.

    A reference to something that these files should hold is an error, to something else a warning.

    Ends with 0 if nothing is wrong, 1 if something is, 2 if it could not look.
    """
    judging = author is not None or commits_author
    if judging and not changed_since:
        raise typer.BadParameter("needs --changed-since.", param_hint="--author")
    if author is not None and not _parts(author):
        raise typer.BadParameter("names nobody.", param_hint="--author")
    for path in paths:
        if path != STDIN and not path.exists():
            raise typer.BadParameter(f"path '{path}' does not exist.", param_hint="PATH")
    try:
        seen = look(
            Wanted(
                paths,
                datetime.now(UTC),
                rev,
                changed_since,
                sys.stdin.buffer.read() if STDIN in paths else b"",
                allow_missing=allow_missing,
                cluster=(kubeconfig, context) if kubeconfig or context else None,
                authors=(_parts(author or ""), _parts(",".join(groups or ()))) if judging else None,
            ),
            command.obj or ahead(1),
        )
    except (Invalid, Unavailable) as error:
        fail(error, Exit.USAGE)
    errors = sum(1 for each in seen.problems if each.level is Level.ERROR)
    warnings = len(seen.problems) - errors
    size = f"{counted(seen.resources, 'resource')} in {counted(seen.files, 'file')}"
    size += f", {counted(seen.others, 'object')} of others left alone" if seen.others else ""
    if format_ is Report.JSON:
        whole = {"files": seen.files, "resources": seen.resources, "others": seen.others}
        print_json({**whole, "problems": as_json(seen.problems)})
    elif format_ in REPORTS:
        typer.echo(REPORTS[format_]([tame(each) for each in seen.problems]), nl=False)
    else:
        print_problems(seen.problems, stderr=False)
    right = "ok" if seen.files else "no file to check"
    told = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if seen.problems else right
    if format_ is not Report.JSON:
        say(f"{told}: {size}")
    raise typer.Exit(Exit.PROBLEMS if errors or (strict and warnings) else Exit.OK)


def _parts(text: str) -> list[str]:
    """What stands between commas, each once."""
    return list(dict.fromkeys(filter(None, (each.strip() for each in text.split(",")))))
