"""Events: what waits for a person, told where `kubectl get events` shows it."""

import asyncio
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from ispalier.api.base import GROUP
from ispalier.kube.client import ApiError, Client
from ispalier.kube.identity import NAME

log = structlog.get_logger()

LONGEST = 1024
"""Characters that the API server takes."""


@dataclass(slots=True)
class Events:
    """Writes Events about the installation (events.k8s.io/v1); one that fails is only logged."""

    client: Client
    namespace: str
    _writing: set[asyncio.Task[None]] = field(default_factory=set)

    def warn(self, cause: str, reason: str) -> None:
        """Tell that something is held back."""
        task = asyncio.create_task(self._write(cause, reason))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, cause: str, reason: str) -> None:
        path = f"/apis/events.k8s.io/v1/namespaces/{self.namespace}/events"
        body = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": f"{NAME}.{uuid.uuid4().hex}", "namespace": self.namespace},
            "type": "Warning",
            "reason": "HeldBack",
            "action": "Approve",
            "note": f"{cause}: {reason}"[:LONGEST],
            "regarding": {
                "apiVersion": "v1",
                "kind": "Secret",
                "namespace": self.namespace,
                "name": NAME,
            },
            "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "reportingController": f"{GROUP}/operator",
            "reportingInstance": f"operator-{os.getpid()}",
        }
        try:
            await self.client.request("POST", path, body=body)
        except ApiError as error:
            log.warning("event not written", cause=cause, reason=str(error))
