"""Whose a cluster is: one installation serves it, and a Lease says which.

As a journal says which cluster it serves, so that nobody serves one cluster from two journals. The
Lease is taken once and kept: it is neither renewed nor given back, whoever starts again has it.
Who serves looks at it again and again, and ends when it names another.
"""

import asyncio
from datetime import UTC, datetime

import structlog

from ispalier.api.base import INSTALLATION
from ispalier.api.rbac import NAME, PUBLIC
from ispalier.core.gather import Identity
from ispalier.kube.client import CONFLICT, NOT_FOUND, ApiError, Client
from ispalier.world.errors import Conflict, Unavailable

log = structlog.get_logger()

_LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{PUBLIC}/leases"


async def hold_cluster(client: Client, who: Identity) -> None:
    """Be the installation that serves the cluster; raises Conflict if another one is."""
    ours = _name(who)
    try:
        holder = await _holder(client) or await _taken(client, ours)
    except ApiError as error:
        raise _unseen(error) from error
    _compare(holder, ours)


async def check_cluster(client: Client, who: Identity) -> None:
    """Raise Conflict if another installation serves the cluster; take nothing."""
    ours = _name(who)
    try:
        holder = await _holder(client) or ours
    except ApiError as error:
        raise _unseen(error) from error
    _compare(holder, ours)


async def stay_holder(client: Client, who: Identity, seconds: float) -> None:
    """Raise Conflict as soon as another installation serves the cluster; else go on for ever.

    A Lease that is deleted while we run is taken again; one that cannot be seen says nothing.
    """
    is_told = False
    while True:
        await asyncio.sleep(seconds)
        try:
            await hold_cluster(client, who)
        except Unavailable as error:
            if not is_told:
                log.warning("not seen who serves the cluster", reason=str(error))
            is_told = True
        else:
            is_told = False


def _name(who: Identity) -> str:
    return f"{who.controller_namespace}/{who.installation}"


def _unseen(error: ApiError) -> Unavailable:
    return Unavailable(
        f"Lease '{NAME}' in namespace '{PUBLIC}' says which installation serves this cluster, and"
        f" cannot be had: {error} (the right to get it comes with the chart, or with schemas/rbac.yaml)"
    )


def _compare(holder: str, ours: str) -> None:
    if holder != ours:
        raise Conflict(
            f"this cluster is served by the installation {holder} (namespace/id), and this is"
            f" {ours}: uninstall this one, or restore that one's Secret '{INSTALLATION}' and"
            " journal where they were; if that one is gone for good, and none of it runs any more:"
            f" kubectl delete lease {NAME} -n {PUBLIC}"
        )


async def _holder(client: Client) -> str:
    """Who has the Lease; empty if nobody does."""
    try:
        lease = await client.request("GET", f"{_LEASES}/{NAME}")
    except ApiError as error:
        if error.status == NOT_FOUND:
            return ""
        raise
    holder = (lease.get("spec") or {}).get("holderIdentity") or ""
    if not holder:
        raise Conflict(
            f"Lease '{NAME}' in namespace '{PUBLIC}' says which installation serves this cluster,"
            f" and names none: kubectl delete lease {NAME} -n {PUBLIC}"
        )
    return str(holder)


async def _taken(client: Client, ours: str) -> str:
    """Take the Lease; of two who try at once one has it. Returns who has it."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": ours, "acquireTime": since}
    try:
        await client.request("POST", _LEASES, body={"metadata": {"name": NAME}, "spec": spec})
    except ApiError as error:
        if error.status != CONFLICT:
            raise
        return await _holder(client)
    return ours
