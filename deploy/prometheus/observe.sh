#!/usr/bin/env bash
# Prometheus, and Grafana where it is installed, for a cluster on this machine; Ctrl-C ends them, and nothing is kept.
#
# GNOSIS_RAY_TEMP_DIR       the cluster's, where it has one
# GNOSIS_PROMETHEUS_PORT    9090
# GNOSIS_GRAFANA_PORT       3000
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ray=${GNOSIS_RAY_TEMP_DIR:-${TMPDIR:-/tmp}/gnosis-ocr-$(id -u)}
port=${GNOSIS_PROMETHEUS_PORT:-9090}
grafana_port=${GNOSIS_GRAFANA_PORT:-3000}

if ! command -v prometheus >/dev/null; then
    echo "Prometheus is not installed: apt-get install prometheus" >&2
    exit 1
fi
if [ ! -e "$ray/prom_metrics_service_discovery.json" ]; then
    echo "No cluster has been started here yet ($ray): make serve. It is found as soon as it is." >&2
    mkdir -p "$ray"
fi

folder=$(mktemp -d)
processes=()
finish() {
    [ ${#processes[@]} = 0 ] || kill "${processes[@]}" 2>/dev/null || true
    wait || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 0' INT TERM

sed -e "s|@RAY@|$ray|" -e "s|@HERE@|$here|" "$here/prometheus.yml" >"$folder/prometheus.yml"
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" --log.level=warn \
    --web.listen-address="127.0.0.1:$port" &
processes+=($!)
echo "Prometheus http://127.0.0.1:$port"

if command -v grafana-server >/dev/null; then
    cp -r "$here/../grafana/provisioning" "$folder/provisioning"
    theirs="$ray/session_latest/metrics/grafana/provisioning/dashboards/default.yml"
    [ ! -e "$theirs" ] || cp "$theirs" "$folder/provisioning/dashboards/ray.yml"
    export GNOSIS_DASHBOARDS="$here/../grafana/dashboards" GNOSIS_PROMETHEUS_URL="http://127.0.0.1:$port"
    export GF_PATHS_PROVISIONING="$folder/provisioning" GF_PATHS_DATA="$folder/grafana" GF_PATHS_LOGS="$folder/grafana"
    export GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT="$grafana_port" GF_AUTH_ANONYMOUS_ENABLED=true
    grafana-server --homepath "${GF_PATHS_HOME:-/usr/share/grafana}" >"$folder/grafana.log" 2>&1 &
    processes+=($!)
    echo "Grafana    http://127.0.0.1:$grafana_port"
else
    echo "Grafana is not installed; its dashboards are in deploy/grafana/dashboards."
fi
wait -n
