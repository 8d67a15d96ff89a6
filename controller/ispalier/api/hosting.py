"""Web hosting: Site, FTPUser, Database."""

from typing import Annotated, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_SET,
    Column,
    DomainName,
    MailAddress,
    ManagementPolicy,
    Model,
    Notes,
    NotYet,
    Password,
    Phone,
    Ref,
    Resource,
    RetentionDays,
    Text,
    immutable,
)

_LATER = NotYet("no site or database is made yet")

FilePath = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
    ),
]
AccountName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_-]*$")]
Permission = Literal["Read", "Write", "Delete", "Recurse", "List", "MakeFolder", "DeleteFolder"]


class Developer(Model):
    """Who makes the site."""

    name: Text = Field(description="Name: `Estúdio Norte`.")
    phone: Phone | None = Field(default=None, description="Phone number: `+5543991234567`.")
    email: MailAddress | None = Field(default=None, description="Address: `dev@example.org`.")


class SiteSpec(Model):
    """A web site."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    hostname: DomainName = Field(
        description="Its name: `www.silva.example`.", json_schema_extra=immutable()
    )
    aliases: tuple[DomainName, ...] = Field(
        default=(),
        max_length=64,
        description="Other names that it answers to: `[silva.example]`.",
        json_schema_extra=LIST_SET,
    )
    disk: int = Field(
        default=1024, ge=1, le=1048576, description="Room for files, MiB: `5120`.", alias="diskMiB"
    )
    service_host_ref: Ref | None = Field(
        default=None,
        description="The web server; without it the only one, or that with `default: true`.",
    )
    statistics: bool = Field(default=False, description="Whether visits are counted.")
    admin: AccountName | None = Field(
        default=None, description="Name of its administrator: `silva`."
    )
    password: Password | None = Field(
        default=None, description="Where the administrator's password comes from."
    )
    developer: Developer | None = Field(default=None, description="Who makes the site.")
    enabled: bool = Field(default=True, description="With `false` it is not served, and stays.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None


class Site(Resource):
    """A web site."""

    plural = "sites"
    not_yet = _LATER
    columns = (Column("Hostname", ".spec.hostname"), Column("Disk MiB", ".spec.diskMiB", "integer"))
    selectable = (".spec.hostname", ".spec.subscriptionRef.name")
    spec: SiteSpec


class Folder(Model):
    """Where somebody comes in, and how it is called there."""

    physical: FilePath | None = Field(
        default=None, description="Folder within the site: `htdocs/shop`; default all of it."
    )
    virtual: FilePath | None = Field(
        default=None, description="What it is called inside: `shop`; default the same."
    )


class FTPUserSpec(Model):
    """Somebody who brings files."""

    site_ref: Ref = Field(description="The Site whose files they are.")
    username: AccountName = Field(
        description="Name to log in with: `silva-shop`.", json_schema_extra=immutable()
    )
    password: Password = Field(description="Where the password comes from.")
    primary: bool = Field(default=False, description="Whether it is the main one of the site.")
    folder: Folder = Folder()
    permissions: tuple[Permission, ...] = Field(
        default=("Read", "Write", "Delete", "Recurse", "List", "MakeFolder", "DeleteFolder"),
        min_length=1,
        max_length=7,
        description="What it may do there.",
        json_schema_extra=LIST_SET,
    )
    enabled: bool = Field(default=True, description="With `false` nobody logs in by it.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None


class FTPUser(Resource):
    """Somebody who brings files."""

    plural = "ftpusers"
    short_names = ("ftp",)
    not_yet = _LATER
    columns = (Column("Username", ".spec.username"), Column("Site", ".spec.siteRef.name"))
    selectable = (".spec.username",)
    spec: FTPUserSpec


class DatabaseSpec(Model):
    """A database and the user that may use it."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    site_ref: Ref | None = Field(default=None, description="The Site that uses it.")
    engine: Literal["MariaDB", "PostgreSQL"] = Field(
        description="What it runs on.", json_schema_extra=immutable()
    )
    name: AccountName = Field(
        description="Name of the database and its user: `silva_shop`.",
        json_schema_extra=immutable(),
    )
    password: Password = Field(description="Where the password comes from.")
    service_host_ref: Ref | None = Field(
        default=None,
        description="The database server; without it the only one, or that with `default: true`.",
    )
    disk: int = Field(
        default=1024, ge=1, le=1048576, description="Room for data, MiB: `2048`.", alias="diskMiB"
    )
    enabled: bool = Field(default=True, description="With `false` nobody logs in; data stays.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None


class Database(Resource):
    """A database."""

    plural = "databases"
    short_names = ("db",)
    not_yet = _LATER
    columns = (Column("Name", ".spec.name"), Column("Engine", ".spec.engine"))
    selectable = (".spec.name", ".spec.subscriptionRef.name")
    spec: DatabaseSpec
