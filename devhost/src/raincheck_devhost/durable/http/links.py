"""The URLs of an instance, and what a durableClient binding gives the SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from starlette.requests import Request

WEBHOOK_PATH = "/runtime/webhooks/durabletask"
RPC_PATH = "/durabletask"


@dataclass(frozen=True)
class Links:
    """Builds the links of one hub. `code` is the host's system key for the extension, empty for none."""

    hub_name: str
    connection_name: str
    code: str

    @property
    def suffix(self) -> str:
        """The query that every link ends with."""
        query = f"taskHub={encoded(self.hub_name)}&connection={encoded(self.connection_name)}"
        return f"{query}&code={self.code}" if self.code else query

    def of_instance(self, origin: str, instance_id: str, *, rewind: bool = False) -> dict[str, str]:
        """Return the management links; `origin` is `http://host:port`. Only bindings show the rewind link."""
        base = f"{origin}{WEBHOOK_PATH}/instances/"
        return self._links(base + encoded(instance_id), instance_id, rewind=rewind)

    def client_binding(self, origin: str, rpc_origin: str) -> str:
        """Return the JSON text that DurableOrchestrationClient takes."""
        base, code = f"{origin}{WEBHOOK_PATH}", f"code={self.code}" if self.code else ""
        create = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]?"
        wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&"
        return json.dumps(
            {
                "taskHubName": self.hub_name,
                "connectionName": None,
                "creationUrls": {
                    "createNewInstancePostUri": create + code,
                    "createAndWaitOnNewInstancePostUri": create + wait + code,
                },
                "managementUrls": self._links(f"{base}/instances/INSTANCEID", "INSTANCEID", rewind=True),
                "baseUrl": base,
                "requiredQueryStringParameters": code,
                "rpcBaseUrl": f"{rpc_origin}{RPC_PATH}/",
                "httpBaseUrl": None,
                "maxGrpcMessageSizeInBytes": None,
                "grpcHttpClientTimeout": None,
            }
        )

    def _links(self, instance: str, instance_id: str, *, rewind: bool) -> dict[str, str]:
        with_reason = "?reason={text}&" + self.suffix
        links = {
            "id": instance_id,
            "statusQueryGetUri": f"{instance}?{self.suffix}",
            "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{self.suffix}",
            "terminatePostUri": f"{instance}/terminate{with_reason}",
            "rewindPostUri": f"{instance}/rewind{with_reason}",
            "purgeHistoryDeleteUri": f"{instance}?{self.suffix}",
            "restartPostUri": f"{instance}/restart?{self.suffix}",
            "suspendPostUri": f"{instance}/suspend{with_reason}",
            "resumePostUri": f"{instance}/resume{with_reason}",
        }
        if not rewind:
            del links["rewindPostUri"]
        return links


def encoded(text: str) -> str:
    """Encode for a URL as .NET's WebUtility.UrlEncode does: a blank becomes a plus."""
    return quote(text, safe="-_.!*() ").replace(" ", "+").replace("~", "%7E")


def origin_of(request: Request) -> str:
    """Return `http://host:port` as the caller sees it."""
    return f"{request.url.scheme}://{request.url.netloc}"


def requested(request: Request) -> str:
    """Return the URL as it was asked for, encoding and query included."""
    path = (request.scope.get("raw_path") or quote(request.scope["path"]).encode()).decode("latin-1")
    query = request.scope.get("query_string", b"").decode("latin-1")
    return origin_of(request) + path.partition("?")[0] + (f"?{query}" if query else "")
