"""Whose a cluster is: one installation serves it, and a Lease says which.

As a journal says which cluster it serves, so that nobody serves one cluster from two journals. The
Lease is taken once and kept: it is neither renewed nor given back, whoever starts again has it.
"""

from datetime import UTC, datetime

from ispalier.api.base import INSTALLATION
from ispalier.api.rbac import NAME, PUBLIC
from ispalier.core.gather import Identity
from ispalier.kube.client import CONFLICT, NOT_FOUND, ApiError, Client
from ispalier.world.errors import Conflict, Unavailable

_LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{PUBLIC}/leases"


async def hold_cluster(client: Client, who: Identity) -> None:
    """Be the installation that serves the cluster; raises Conflict if another one is."""
    ours = f"{who.controller_namespace}/{who.installation}"
    try:
        holder = await _holder(client) or await _taken(client, ours)
    except ApiError as error:
        raise Unavailable(
            f"Lease '{NAME}' in namespace '{PUBLIC}' says which installation serves this"
            f" cluster, and cannot be had: {error} (its rights come with the chart, or with"
            " schemas/rbac.yaml)"
        ) from error
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
