"""Who may call the API, at either of its two URLs."""

import boto3
import pytest
import requests
from registered import Bucket
from snapslice_local.rest import Api, ApiError, LocalStack
from snapslice_local.welcome import token_of


def status(api: Api, method: str, path: str, body: object = None) -> int:
    try:
        api.call(method, path, body)
    except ApiError as refused:
        return refused.status
    return 200


@pytest.mark.parametrize("path", ["/health", "/version"])
def test_tells_anybody_that_it_is_there(stack: LocalStack, path: str) -> None:
    for url in (stack.token_api, stack.signed_api):
        assert requests.get(url + path, timeout=30).status_code == 200


@pytest.mark.parametrize("path", ["/v1/buckets", "/v1/tokens", "/v1/buckets/films/restores"])
def test_refuses_the_nameless_everywhere_else(stack: LocalStack, path: str) -> None:
    assert requests.get(stack.token_api + path, timeout=30).status_code == 401
    assert requests.get(stack.signed_api + path, timeout=30).status_code == 403


def test_takes_a_signature_and_a_token_that_was_issued_by_one(
    stack: LocalStack, bucket: Bucket
) -> None:
    by_token = Api(stack.token_api, stack.session(), token_of(stack))

    for api in (stack.api(), by_token):
        names = [found["name"] for found in api.get("/v1/buckets")["buckets"]]
        assert bucket.name in names


def test_refuses_a_wrong_signature_and_a_wrong_token(stack: LocalStack) -> None:
    stranger = boto3.Session("test", "wrong", region_name=stack.region)
    made_up = "snt_" + "A" * 20 + "_" + "A" * 43

    assert status(Api(stack.signed_api, stranger), "GET", "/v1/buckets") == 403
    assert status(Api(stack.token_api, stranger, made_up), "GET", "/v1/buckets") == 403


def test_keeps_a_reader_to_its_bucket_and_to_reading(stack: LocalStack, bucket: Bucket) -> None:
    grant = {"principal": "reader", "role": "reader", "buckets": [bucket.name]}
    token = stack.api().post("/v1/tokens", grant)["token"]
    reader = Api(stack.token_api, stack.session(), token)

    assert status(reader, "GET", f"/v1/buckets/{bucket.name}") == 200
    assert status(reader, "POST", f"/v1/buckets/{bucket.name}/enable") == 403
    assert status(reader, "GET", "/v1/buckets/some-other") == 403
    assert status(reader, "POST", "/v1/tokens", grant) == 403
