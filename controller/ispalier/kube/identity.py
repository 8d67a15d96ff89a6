"""The installation's identity in a cluster: a Secret in the controller's namespace.

It lives outside the journal, so that a lost journal is noticed and not taken for a new one.
"""

import base64
import binascii

from ispalier.api.base import INSTALLATION
from ispalier.core.gather import Identity
from ispalier.kube.client import CONFLICT, NOT_FOUND, ApiError, Client
from ispalier.kube.secret_objects import OURS
from ispalier.world.errors import Conflict, Invalid, Unavailable
from ispalier.world.secret import Secret

NAME = INSTALLATION


async def read_identity(client: Client, namespace: str) -> Identity | None:
    """The identity, or None if there is none yet."""
    try:
        raw = await client.request("GET", f"/api/v1/namespaces/{namespace}/secrets/{NAME}")
    except ApiError as error:
        if error.status == NOT_FOUND:
            return None
        raise Unavailable(f"Secret '{NAME}' in namespace '{namespace}': {error}") from error
    try:
        data = {key: base64.b64decode(raw["data"][key]).decode() for key in ("id", "key")}
    except (KeyError, TypeError, binascii.Error, UnicodeDecodeError) as error:
        raise Invalid(
            f"Secret '{NAME}' in namespace '{namespace}' must hold the keys id and key as text:"
            " restore it from a backup; a new one would not open the journal"
        ) from error
    return Identity(data["id"], Secret(data["key"]), namespace)


async def why_not_there(client: Client, namespace: str) -> Invalid:
    """What to do where the identity is not: the namespace may be another one, or none."""
    try:
        await client.request("GET", f"/api/v1/namespaces/{namespace}")
    except ApiError as error:
        if error.status == NOT_FOUND:
            what = f"there is no namespace '{namespace}' in this cluster"
            remedy = "set ISPALIER_NAMESPACE to that of the controller"
            return Invalid(f"{what}: {remedy}, or begin with `ispalier init --cluster`")
    return Invalid(
        f"Secret '{NAME}' is not in namespace '{namespace}': restore it from its backup, or"
        " make the identity of a new installation with `ispalier init --cluster`"
    )


async def create_identity(client: Client, identity: Identity) -> None:
    """Make the Secret, and the namespace if it is not there; raises Conflict if it exists."""
    namespace = identity.controller_namespace
    path = f"/api/v1/namespaces/{namespace}/secrets"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "labels": {OURS: "ispalier"}},
        "immutable": True,
        "stringData": {"id": identity.installation, "key": identity.key.reveal()},
    }
    try:
        try:
            await client.request("POST", path, body=secret)
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise
            body = {"metadata": {"name": namespace}}
            await client.request("POST", "/api/v1/namespaces", body=body)
            await client.request("POST", path, body=secret)
    except ApiError as error:
        if error.status == CONFLICT:
            raise Conflict(
                f"Secret '{NAME}' is in namespace '{namespace}' already: this cluster has its"
                " installation; to begin anew delete it and the journal together"
            ) from error
        raise Unavailable(f"Secret '{NAME}' cannot be made: {error}") from error
