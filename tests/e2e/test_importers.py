"""Programs of others, unchanged: azure-core's poller, OpenAPI validators."""

import pytest
from azure.core import AsyncPipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.polling import AsyncLROPoller
from azure.core.polling.async_base_polling import AsyncLROBasePolling
from azure.core.rest import HttpRequest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator


async def test_azure_core_drives_a_run_to_its_result(url):
    """AsyncLROPoller goes by Operation-Location, Retry-After and status."""
    body = {"input": {"topic": "rain", "pieces": 40, "delay_ms": 50}, "background": True}
    async with AsyncPipelineClient(url) as client:
        request = HttpRequest("POST", f"{url}/flows/tell_story/runs", json=body)
        initial = await client._pipeline.run(request)
        assert initial.http_response.status_code == 202
        poller = AsyncLROPoller(
            client, initial, lambda answer: answer.http_response.json(), AsyncLROBasePolling(timeout=1)
        )
        document = await poller.result()
    assert poller.status() == "Succeeded"
    assert "rain" in document["result"]["text"]


async def test_azure_core_raises_for_a_failed_run(trial_url):
    """With our code and message."""
    async with AsyncPipelineClient(trial_url) as client:
        request = HttpRequest(
            "POST", f"{trial_url}/flows/flow_refused/runs", json={"input": {}, "background": True}
        )
        initial = await client._pipeline.run(request)
        poller = AsyncLROPoller(client, initial, lambda answer: answer, AsyncLROBasePolling(timeout=1))
        with pytest.raises(HttpResponseError) as caught:
            await poller.result()
    assert caught.value.error.code == "sold_out"


async def test_the_openapi_documents_are_valid(api):
    """In both versions, with an operation for each flow."""
    newer = (await api.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(newer).validate()
    OpenAPIV30SpecValidator((await api.get("/openapi.json?version=3.0")).json()).validate()
    operations = {operation["operationId"] for path in newer["paths"].values() for operation in path.values()}
    assert {"start_tell_story", "start_digest_documents", "start_order_laptop"} <= operations
