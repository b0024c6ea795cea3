"""Fills the database of MLflow's own server with runs, faster than its API would.

``python -m snapslice_local.mlflow_rows DATABASE EXPERIMENT RUNS``, where MLflow is installed. The
runs are those that ``dev.snapslice.bench.MlflowLoad`` logs.
"""

import sys
from typing import Any

from mlflow.store.tracking.dbmodels import models
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

START = 1_700_000_000_000


def rows(experiment: int, runs: int) -> dict[type, list[dict[str, Any]]]:
    """Rows by the table that they belong to."""
    found: dict[type, list[dict[str, Any]]] = {
        models.SqlRun: [],
        models.SqlParam: [],
        models.SqlTag: [],
        models.SqlMetric: [],
        models.SqlLatestMetric: [],
    }
    for number in range(runs):
        run = f"{number:032x}"
        start = START + number
        found[models.SqlRun].append(
            {
                "run_uuid": run,
                "experiment_id": experiment,
                "name": f"run-{number}",
                "status": "FINISHED",
                "source_type": "UNKNOWN",
                "source_name": "",
                "entry_point_name": "",
                "user_id": "bench",
                "start_time": start,
                "end_time": start + 1_000,
                "source_version": "",
                "lifecycle_stage": "active",
                "artifact_uri": f"mlflow-artifacts:/{experiment}/{run}/artifacts",
            }
        )
        for i in range(10):
            metric = {"run_uuid": run, "key": f"metric-{i}", "timestamp": start, "step": 0}
            value = (number * (2 * i + 7919)) % 10_007 / 10_007
            found[models.SqlMetric].append({**metric, "value": value, "is_nan": False})
            found[models.SqlLatestMetric].append({**metric, "value": value, "is_nan": False})
            found[models.SqlParam].append(
                {"run_uuid": run, "key": f"param-{i}", "value": str(number % (i + 3))}
            )
        for key, tag in (("mlflow.runName", f"run-{number}"), ("team", f"team-{number % 5}")):
            found[models.SqlTag].append({"run_uuid": run, "key": key, "value": tag})
    return found


def main(database: str, experiment: str, runs: str) -> None:
    with Session(create_engine(f"sqlite:///{database}")) as session:
        for table, values in rows(int(experiment), int(runs)).items():
            session.bulk_insert_mappings(table, values)
        session.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
