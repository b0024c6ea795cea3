"""What tests of the model registry call."""

import time
from typing import Any

from tracking.twins import Twins

MODELS = "registered-models/"
VERSIONS = "model-versions/"
S3 = "s3://bucket/model"
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}


def version(twins: Twins, model: str, **message: Any) -> None:
    """A new version; its moment is another one than that of the one before."""
    time.sleep(0.005)
    message = {"source": S3, **message}
    assert twins.call("POST", VERSIONS + "create", name=model, **message)[0] == 200
