# shellcheck shell=bash
# What ./snapslice installs into .snapslice, each once and again when its version changes. Sourced by it, for its STATE and ROOT.

CDK_VERSION=2.1148.1 # the newest CLI that fits aws-cdk-lib in pom.xml
MINIO_VERSION=v0.0.0-20260212201848-7aac2a2c5b7c
MC_VERSION=v0.0.0-20250313080218-cf909e1063a9
RCLONE_VERSION=v1.76.0
VERSITYGW_VERSION=v1.8.0

# Runs "$@" once for the given fingerprint: again only when it changes.
once() {
  local name=$1 fingerprint=$2
  shift 2
  [[ -f $STATE/$name.done && $(<"$STATE/$name.done") == "$fingerprint" ]] && return
  "$@"
  printf '%s\n' "$fingerprint" >"$STATE/$name.done"
}

pip_install() {
  "$STATE/$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$ROOT/local/$2"
}

python_environment() {
  python3 -m venv --clear "$STATE/$1"
  pip_install "$1" "$2"
}

install_python() {
  once venv "$(cksum <"$ROOT/local/requirements.txt") $(python3 -V)" new_python
}

new_python() {
  say "Python tools (moto, boto3, AWS CLI, linters) into .snapslice/venv"
  python_environment venv requirements.txt
}

# Data frames' S3 file system wants a botocore of its own.
install_data_frames() {
  once data "$(cksum <"$ROOT/local/requirements-data.txt") $(python3 -V)" new_data_frames
}

new_data_frames() {
  say "s3fs, pandas, pyarrow and Polars into .snapslice/data"
  python_environment data requirements-data.txt
}

# Into an environment that is made anew when its own packages change.
install_spark() {
  once spark "$(cat "$ROOT"/local/requirements{,-spark}.txt | cksum) $(python3 -V)" new_spark
}

new_spark() {
  say "Spark, with Hadoop's client, into .snapslice/venv"
  pip_install venv requirements-spark.txt
}

# MLflow wants other versions than moto does.
install_mlflow() {
  once mlflow "$(cksum <"$ROOT/local/requirements-mlflow.txt") $(python3 -V)" new_mlflow
}

new_mlflow() {
  say "MLflow, client and server, into .snapslice/mlflow"
  python_environment mlflow requirements-mlflow.txt
}

install_mlflow_ui() {
  once mlflow-ui "$(cksum <"$ROOT/local/requirements-mlflow.txt")" new_mlflow_ui
}

new_mlflow_ui() {
  say "MLflow's UI, out of its wheel, into .snapslice/mlflow-ui"
  "$STATE/venv/bin/python" -m snapslice_local.mlflow_ui "$STATE/mlflow-ui"
}

install_cdk() {
  once cdk "$CDK_VERSION" new_cdk
}

new_cdk() {
  say "AWS CDK $CDK_VERSION into .snapslice/npm"
  npm install --silent --no-fund --no-audit --prefix "$STATE/npm" "aws-cdk@$CDK_VERSION" >/dev/null
}

new_go_program() {
  say "$1 from its Go module into .snapslice/bin (some minutes, once)"
  GOBIN=$STATE/bin go install "$1"
}

install_minio() {
  need go "MinIO, a real S3 server, is built from its Go module"
  once minio "$MINIO_VERSION" new_go_program "github.com/minio/minio@$MINIO_VERSION"
}

install_mc() {
  once mc "$MC_VERSION" new_go_program "github.com/minio/mc@$MC_VERSION"
}

install_rclone() {
  once rclone "$RCLONE_VERSION" new_go_program "github.com/rclone/rclone@$RCLONE_VERSION"
}

install_versitygw() {
  once versitygw "$VERSITYGW_VERSION" new_go_program "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW_VERSION"
}

# Tests drive MLflow's UI with it. Only where one may: on a machine of CI, as root.
install_chromium() {
  if ! command -v chromium >/dev/null && [[ ${CI:-} == true && $EUID == 0 ]]; then
    say "Chromium from its Debian package"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
  fi
}
