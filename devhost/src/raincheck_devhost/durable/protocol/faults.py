"""Why an orchestration fails: what `Reason` and `Details` say then."""

from __future__ import annotations

from raincheck_devhost.durable.protocol.newtonsoft import compact

_SHIM_FRAME = (
    "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.TaskOrchestrationShim."
    "InvokeUserCodeAndHandleResults(RegisteredFunctionInfo orchestratorInfo, "
    "OrchestrationContext innerContext) in "
    "/_/src/WebJobs.Extensions.DurableTask/Listener/TaskOrchestrationShim.cs:line 148"
)
_FAILED = -2146233088


class OrchestrationFault(Exception):
    """The orchestration fails: `reason` is its output, `details` what its parent sees besides."""

    def __init__(self, reason: str, details: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class NonDeterministicFault(OrchestrationFault):
    """The history doesn't fit what the orchestrator asks for now."""

    def __init__(self, message: str) -> None:
        reason = f"Non-Deterministic workflow detected: {message}"
        super().__init__(reason, f"Unhandled exception while executing orchestration: {reason}\n\t")


def raised_by_orchestrator(name: str, error: str) -> OrchestrationFault:
    """The orchestrator raised, as the SDK reports it."""
    details = f"Message: {error}, StackTrace: {_SHIM_FRAME}"
    return OrchestrationFault(f"Orchestrator function '{name}' failed: {error}", details)


def refused_by_extension(name: str, message: str) -> OrchestrationFault:
    """The extension itself would not go on."""
    reason = f"Orchestrator function '{name}' failed: {message}"
    return OrchestrationFault(reason, exception_json("System.Exception", message))


def activity_reason(name: str, message: str) -> str:
    """Return TaskFailed.Reason; the two blanks are the extension's."""
    return f"Activity function '{name}' failed:  {message}"


def activity_details(message: str, stack: str) -> str:
    """Return TaskFailed.Details: the serialized .NET exception around what the worker reported."""
    inner = (
        '{"$type":"Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script",'
        f'"IsUserException":false,"RemoteStackTrace":{compact(stack)},"RemoteMessage":{compact(message)},'
        f'"RemoteTypeName":null,"Message":{compact(remote_message(message, stack))},'
        '"Data":{"$type":"System.Collections.ListDictionaryInternal, System.Private.CoreLib"},'
        f'"InnerException":null,"HelpLink":null,"Source":"host","HResult":{_FAILED},"StackTrace":null}}'
    )
    return exception_json("System.Exception", f" {message}", inner)


def remote_message(message: str, stack: str) -> str:
    """Return the message of the host's RpcException."""
    return f"Result: Failure\nException: {message}\nStack: {stack}"


def exception_json(kind: str, message: str, inner: str = "null") -> str:
    """Serialize a .NET exception as the extension's error converter does."""
    return (
        f'{{"$type":"{kind}, System.Private.CoreLib","ClassName":"{kind}","Message":{compact(message)},'
        f'"Data":null,"InnerException":{inner},"HelpURL":null,"StackTraceString":null,'
        '"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,'
        f'"HResult":{_FAILED},"Source":null,"WatsonBuckets":null}}'
    )
