"""What ``./snapslice up`` prints: where everything is, a token, and commands to begin with."""

from snapslice_local.rest import LocalStack


def token_of(stack: LocalStack) -> str:
    """An administrator's token: issued once, over the signed API, and kept while the stack runs."""
    kept = stack.state / "token"
    if not kept.exists():
        issued = stack.api().post("/v1/tokens", {"principal": "local", "role": "admin"})
        kept.touch(mode=0o600)
        kept.write_text(issued["token"], encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def sign_in(stack: LocalStack) -> str:
    """The link with which a browser begins its session."""
    return f"{stack.mlflow}/sign-in?token={token_of(stack)}"


def main() -> None:
    stack = LocalStack.running()
    print(f"""
  S3, SQS and the rest of AWS   {stack.aws}   (credentials test/test, region {stack.region})
  REST, with a token            {stack.token_api}/v1
  REST, with AWS signatures     {stack.signed_api}/v1
  S3 as it was, read-only       {stack.proxy}   (access keys: POST $API/access-keys)
  MLflow, with a token          {stack.mlflow}
  MLflow, in a browser          {sign_in(stack)}

export AWS_ENDPOINT_URL={stack.aws} AWS_DEFAULT_REGION={stack.region} \\
  AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \\
  API={stack.token_api}/v1 TOKEN={token_of(stack)}
curl -H "Authorization: Bearer $TOKEN" $API/buckets
export MLFLOW_TRACKING_URI={stack.mlflow} MLFLOW_TRACKING_TOKEN=$TOKEN

./snapslice demo shows what it does; ./snapslice down ends it.""")


if __name__ == "__main__":
    main()
