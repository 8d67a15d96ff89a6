"""Lanes: who may change what in a repository, the file `.ispalier.yaml` at its root."""

from typing import Annotated, ClassVar

from pydantic import Field

from ispalier.api.base import Model, Name, Rule, Text, list_map

NAME = ".ispalier.yaml"
ALL = "all"
"""Written instead of kinds or files: every one."""

Kind = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^(all|[A-Z][A-Za-z]*)$")]
Fields = Annotated[
    str,
    Field(min_length=1, max_length=253, pattern=r"^(all|[A-Z][A-Za-z]*(\.[A-Za-z][A-Za-z0-9]*)*)$"),
]
Place = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^/\s][^\s]*$")]
Member = Annotated[str, Field(min_length=1, max_length=254, pattern=r"^[^\s,]+$")]
_WHOLE = Annotated[int, Field(ge=-(10**12), le=10**12)] | None


class Permission(Model):
    """What may be done; several of its lines add up."""

    create: tuple[Kind, ...] = Field(
        default=(),
        max_length=64,
        description="Kinds of which new ones may be made: `Mailbox`; `all` is every kind.",
    )
    change: tuple[Fields, ...] = Field(
        default=(),
        max_length=128,
        description="Fields that may be changed, with all below them: `Mailbox.spec.quotaMiB`."
        " Lists are named without a number: `Subscription.spec.terms.planRef`.",
    )
    delete: tuple[Kind, ...] = Field(
        default=(),
        max_length=64,
        description="Kinds of which any may be taken out: `MailAlias`; `all` is every kind.",
    )
    files: tuple[Place, ...] = Field(
        default=(),
        max_length=64,
        description="Other files that may be edited, and folders, which end with a slash:"
        " `CODEOWNERS`, `clusters/`; `all` is every file.",
    )
    except_: tuple[Fields, ...] = Field(
        default=(),
        max_length=128,
        alias="except",
        description="Fields that `create` and `change` do not mean: `Subscription.spec.terms.price`.",
    )
    most: _WHOLE = Field(
        default=None, description="The fields of `change` may be set up to this number: `51200`."
    )
    least: _WHOLE = Field(
        default=None, description="The fields of `change` may be set down to this number: `1024`."
    )
    to: tuple[Text, ...] = Field(
        default=(),
        max_length=64,
        description="The fields of `change` may be set to these values alone: `Requested`.",
    )
    within: tuple[Place, ...] = Field(
        default=(),
        max_length=64,
        alias="in",
        description="Folders in which this holds, with a slash at the end: `partners/norte/`; and of"
        " these the customers whose Tenant stands there. Default everywhere.",
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.change) || !(has(self.most) || has(self.least) || has(self.to))",
            "most, least and to are limits of what change names: add change",
        ),
        Rule(
            "has(self.create) || has(self.change) || has(self.delete) || has(self.files)",
            "allows nothing: add create, change, delete or files",
        ),
    )


class Lane(Model):
    """People, and what they may do."""

    name: Name = Field(description="Its name, such as the role: `support`.")
    members: tuple[Member, ...] = Field(
        default=(),
        max_length=1024,
        description="Mail addresses or user names of the forge: `bia@provider.example`, `bia`.",
        json_schema_extra={"x-kubernetes-list-type": "set"},
    )
    groups: tuple[Member, ...] = Field(
        default=(),
        max_length=64,
        description="Groups or teams of the forge, as `--groups` tells them: `provider/support`.",
        json_schema_extra={"x-kubernetes-list-type": "set"},
    )
    may: tuple[Permission, ...] = Field(
        min_length=1, max_length=128, description="What they may do; the lines add up."
    )


class Lanes(Model):
    """Who may change what in this repository. What no line allows is not allowed."""

    lanes: tuple[Lane, ...] = Field(
        min_length=1,
        max_length=256,
        description="People, and what they may do; who is in several may do what any of them may.",
        json_schema_extra=list_map("name"),
    )
