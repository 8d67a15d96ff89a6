"""`ispalier hold`, `release`, `holds`: what lasts for a while and is in no file."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.decide.retired import CustomerOption, FolderOption, NamespaceOption
from ispalier.cli.output import Format, FormatOption
from ispalier.world.effect import ACTS_ON, Effect


class Billing(StrEnum):
    """Whether days that are held are charged."""

    STOP = "Stop"
    CONTINUE = "Continue"


def _source(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", text):
        raise typer.BadParameter(f"'{text}' is not a source: use a-z, 0-9 and -, as in `fair-use`")
    return text


def _reason(text: str) -> str:
    if not (text.isprintable() and 0 < len(text.strip()) <= 200):  # noqa: PLR2004 - as texts of YAML
        raise typer.BadParameter("say why in one line of at most 200 characters")
    return text.strip()


SourceOption = Annotated[
    str,
    typer.Option(
        "--source", metavar="NAME", callback=_source, help="Who holds it; only they end it."
    ),
]


def hold(  # noqa: PLR0913 - options of a command
    subject: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME",
            autocompletion=names.resources,
            help="A Tenant, Subscription, Login or Mailbox.",
        ),
    ],
    *,
    effect: Annotated[
        Effect,
        typer.Option(
            "--effect",
            metavar="EFFECT",
            case_sensitive=False,
            help="What is taken away: Refuse, Throttle, WalledGarden or NoSubmission.",
        ),
    ],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", callback=_reason, help="Shown in the status."),
    ],
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="DATE",
            help="First day without it (YYYY-MM-DD, the customer's local day), or an instant with"
            " its zone (2026-12-01T18:00+01:00); default until it is released.",
        ),
    ] = "",
    billing: Annotated[
        Billing | None,
        typer.Option(
            "--billing",
            case_sensitive=False,
            help="Whether these days are charged; Refuse stops it by default.",
        ),
    ] = None,
    source: SourceOption = "manual",
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    folder: FolderOption = Path(),
) -> None:
    """Refuse or cut back a customer, a contract, a login or a mailbox for a while.

    Refuse: no login, IMAP or submission. Throttle, WalledGarden: the plan's profile for such lines
    (spec.access.throttledProfileRef, walledGardenProfileRef). NoSubmission: mail is read and not sent. Holds add up
    with each other and with spec.suspensions. The journal is that of ISPALIER_JOURNAL_URL, else it
    stands beside the root file; an operator that runs acts within a second.
    """
    from ispalier.cli.decide.holding import Asked, held  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.whose import whose  # noqa: PLC0415

    kind, _, name = subject.partition("/")
    kind = next((each for each in ACTS_ON if each.lower() == kind.lower()), kind)
    if kind not in ACTS_ON or not name:
        message = f"'{subject}' cannot be held: name one of {', '.join(ACTS_ON)}, as in Login/maria"
        raise typer.BadParameter(message, param_hint="KIND/NAME")
    if effect not in ACTS_ON[kind]:
        possible = ", ".join(sorted(ACTS_ON[kind]))
        raise typer.BadParameter(f"does nothing to a {kind}: use {possible}", param_hint="--effect")
    is_whole = kind in ("Tenant", "Subscription")
    if billing is Billing.STOP and not is_whole:
        message = f"a {kind} is not billed by itself: hold its Subscription"
        raise typer.BadParameter(message, param_hint="--billing")
    stops = is_whole and effect is Effect.REFUSE if billing is None else billing is Billing.STOP
    customer = whose(folder, customer, namespace, f"{kind}/{name}")
    held(folder, Asked(kind, name, customer, effect, reason, until, stops, source))


def release(
    what: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME|ID",
            autocompletion=names.resources,
            help="What is held, or the number of one hold.",
        ),
    ],
    *,
    source: SourceOption = "manual",
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    folder: FolderOption = Path(),
) -> None:
    """End holds of one source; those of others stay."""
    from ispalier.cli.decide.holding import released  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    released(folder, what, source, whose(folder, customer, namespace, what))


def holds(
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    format_: FormatOption = Format.TEXT,
    folder: FolderOption = Path(),
) -> None:
    """List what is held now or will be: what, why, by whom and until when."""
    from ispalier.cli.decide.holding import told_of_holds  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    told_of_holds(folder, whose(folder, customer, namespace), format_)
