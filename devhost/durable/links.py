"""The URLs of an instance, and what a durableClient binding gives the SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

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
        """Give the management links; `origin` is `http://host:port`. Only bindings show the rewind link."""
        base = f"{origin}{WEBHOOK_PATH}/instances/"
        return self._links(base + encoded(instance_id), instance_id, rewind=rewind)

    def client_binding(self, origin: str, rpc_origin: str) -> str:
        """Give the JSON text that DurableOrchestrationClient takes."""
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
