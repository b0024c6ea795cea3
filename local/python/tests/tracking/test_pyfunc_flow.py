"""A model that is a class of Python: logged, registered, aliased, loaded and served."""

import uuid
from pathlib import Path
from typing import Any

import mlflow
import pandas
import requests
from mlflow.pyfunc import PythonModel
from tracking.serving import served


def adder() -> PythonModel:
    """Of a class that is kept with the model: who loads it has not this module."""

    class Adder(PythonModel):  # type: ignore[misc]
        """Adds to its inputs what a file among its artifacts says."""

        def load_context(self, context: Any) -> None:
            self.more = int(Path(context.artifacts["more"]).read_text(encoding="utf-8"))

        def predict(
            self, context: Any, model_input: pandas.DataFrame, params: dict[str, Any] | None = None
        ) -> list[int]:
            times = (params or {}).get("times", 1)
            return [(value + self.more) * times for value in model_input["x"].tolist()]

    return Adder()


def test_a_class_of_python_is_logged_and_served(signed_in: None, tmp_path: Path) -> None:
    name = f"p-{uuid.uuid4().hex[:12]}"
    mlflow.set_experiment(name)
    (tmp_path / "more.txt").write_text("40", encoding="utf-8")
    inputs = pandas.DataFrame({"x": [1, 2]})

    with mlflow.start_run() as run:
        logged = mlflow.pyfunc.log_model(
            name="adder",
            python_model=adder(),
            artifacts={"more": str(tmp_path / "more.txt")},
            input_example=inputs,
            signature=mlflow.models.infer_signature(inputs, [41, 42], params={"times": 1}),
            registered_model_name=name,
            pip_requirements=[],
        )
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(name, "champion", "1")
    uri = f"models:/{name}@champion"

    version = client.get_model_version_by_alias(name, "champion")
    assert (version.run_id, version.source) == (run.info.run_id, logged.model_uri)
    assert client.get_logged_model(logged.model_id).status == "READY"
    loaded = mlflow.pyfunc.load_model(uri)
    assert loaded.predict(inputs) == [41, 42]
    assert loaded.predict(inputs, params={"times": 2}) == [82, 84]
    assert loaded.metadata.run_id == run.info.run_id
    with served(uri, tmp_path) as url:
        asked = {"dataframe_split": inputs.to_dict(orient="split"), "params": {"times": 3}}
        assert requests.post(url, json=asked, timeout=60).json()["predictions"] == [123, 126]
        wrong = requests.post(url, json={"dataframe_split": {"columns": ["y"]}}, timeout=60)
        assert wrong.status_code == 400
