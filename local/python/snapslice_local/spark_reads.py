"""What Spark takes to read the same Parquet files in several ways; for ``bench webhdfs``."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, concat, length, lit, sha2
from pyspark.sql.functions import sum as total

from snapslice_local.rest import ROOT

ROWS = 10_000


def jars() -> list[str]:
    """Ours for S3A, and what S3A takes besides what Spark has."""
    target = ROOT / "clients/s3a/target"
    spark = Path(pyspark.__file__).parent / "jars"
    [ours] = target.glob("snapslice-s3a-*.jar")
    needed = (target / "classpath.txt").read_text(encoding="utf-8").strip().split(os.pathsep)
    return [str(ours), *(jar for jar in needed if not (spark / Path(jar).name).exists())]


def session(settings: dict[str, str]) -> SparkSession:
    builder: SparkSession.Builder = (
        SparkSession.Builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.jars", ",".join(jars()))
    )
    for name, value in settings.items():
        builder = builder.config(f"spark.hadoop.{name}", value)
    return builder.getOrCreate()


def write(folder: str) -> None:
    """Write one Parquet file of some 400 KiB."""
    rows = session({}).range(ROWS).withColumn("text", sha2(concat(lit("row "), col("id")), 256))
    rows.coalesce(1).write.parquet(folder)


def read(spark: SparkSession, url: str) -> float:
    """Seconds to list the files below ``url`` and to read all of them."""
    start = time.monotonic()
    rows = spark.read.parquet(url)
    rows.agg(total("id"), total(length("text"))).collect()
    return time.monotonic() - start


def main() -> None:
    """Write a file, or read JSON (``settings``, ``urls`` by name) and print seconds by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write)
        return
    asked = json.load(sys.stdin)
    spark = session(asked["settings"])
    seconds: dict[str, list[float]] = {name: [] for name in asked["urls"]}
    for number in range(arguments.rounds + 1):
        for name, url in asked["urls"].items():
            took = read(spark, url)
            print(f"round {number}: {name} {took:.2f} s", file=sys.stderr, flush=True)
            if number > 0:
                seconds[name].append(took)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
