#!/usr/bin/env bash
# A real Kubernetes control plane on this machine, for tests: etcd, kube-apiserver, kube-controller-manager and
# kube-scheduler. Its nodes are stand-ins that run the commands of pods as processes (scripts/kubernetes_node.py).
#
# usage: scripts/kubernetes_server.sh missing           says why there can be none; nothing and exit status 0 if there can
#        scripts/kubernetes_server.sh up                starts it and prints the environment that its clients need
#        scripts/kubernetes_server.sh run COMMAND...    starts it, runs the command with that environment, takes it down
#        scripts/kubernetes_server.sh kill NODE         as if its plug were pulled: all its processes are gone at once
#        scripts/kubernetes_server.sh start NODE        switches it on again
#        scripts/kubernetes_server.sh restart           ends the API server and starts it again
#        scripts/kubernetes_server.sh down              ends everything and deletes its folder
#        scripts/kubernetes_server.sh build FOLDER      builds the programs from the sources of Debian's package kubernetes
#
# Needs root, kubectl, openssl and python3, Debian's package etcd-server, and the three programs of Kubernetes, which no
# package of Debian brings: build makes them of the source package (deb-src of bookworm; golang-go, dpkg-dev; 15 minutes
# on two cores). Everything is on the loopback interface and below one folder, with ports, keys and tokens of its own.
#
# Environment:
#   DMT_KUBERNETES_BIN     folder of the programs (default: those on the PATH)
#   DMT_KUBERNETES_DIR     folder (default: /tmp/dmt-kubernetes)
#   DMT_KUBERNETES_NODES   how many nodes (default: 2)
#   DMT_KUBERNETES_CPUS    CPUs that each node says it has, whatever this machine has (default: 2)
#   DMT_KUBERNETES_MEMORY  MB that each node says it has (default: 8000)
#   DMT_KUBERNETES_PORT    first of the ports that are used (default: 18443)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
base=${DMT_KUBERNETES_DIR:-/tmp/dmt-kubernetes}
count=${DMT_KUBERNETES_NODES:-2}
cpus=${DMT_KUBERNETES_CPUS:-2}
memory=${DMT_KUBERNETES_MEMORY:-8000}
port=${DMT_KUBERNETES_PORT:-18443}
export KUBECONFIG=$base/kubeconfig
[[ -z ${DMT_KUBERNETES_BIN:-} ]] || PATH=$DMT_KUBERNETES_BIN:$PATH
PATH=$PATH:/usr/sbin:/sbin

die() { printf 'kubernetes_server: %s\n' "$*" >&2; exit 2; }

missing() {
  local program absent=()
  for program in etcd kube-apiserver kube-controller-manager kube-scheduler kubectl openssl python3 unshare; do
    command -v "$program" >/dev/null || absent+=("$program")
  done
  if [[ ${#absent[@]} -gt 0 ]]; then
    echo "no ${absent[*]}; scripts/kubernetes_server.sh says where they are from"
  elif [[ $EUID -ne 0 ]]; then
    echo "only root can give a node a namespace of processes; this is user $EUID"
  elif ! unshare --pid --mount --fork true 2>/dev/null; then
    echo "namespaces of processes cannot be made here"
  fi
}

# daemon NAME COMMAND...: goes on when this shell is over
daemon() {
  local name=$1
  shift
  setsid "$@" >>"$base/$name.log" 2>&1 </dev/null &
  echo $! >"$base/$name.pid"
}

end_daemon() {
  [[ -e $base/$1.pid ]] || return 0
  kill "$(cat "$base/$1.pid")" 2>/dev/null || true
  for _ in $(seq 50); do
    kill -0 "$(cat "$base/$1.pid")" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$(cat "$base/$1.pid")" 2>/dev/null || true
  rm -f "$base/$1.pid"
}

make_keys() {
  local pki=$base/pki
  mkdir -p "$pki"
  chmod 700 "$base" "$pki"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=dmt-test-ca -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout "$pki/server.key" -out "$pki/server.csr" 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >"$pki/names"
  openssl x509 -req -days 2 -in "$pki/server.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial \
    -extfile "$pki/names" -out "$pki/server.crt" 2>/dev/null
  openssl genrsa -out "$pki/accounts.key" 2048 2>/dev/null
  local token
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" >"$pki/tokens"
  cat >"$KUBECONFIG" <<CONF
{"apiVersion": "v1", "kind": "Config", "current-context": "test",
 "clusters": [{"name": "test", "cluster": {"server": "https://127.0.0.1:$port",
   "certificate-authority-data": "$(base64 -w0 "$pki/ca.crt")"}}],
 "users": [{"name": "admin", "user": {"token": "$token"}}],
 "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}]}
CONF
}

start_api() {
  daemon apiserver kube-apiserver --etcd-servers="http://127.0.0.1:$((port + 1))" --bind-address=127.0.0.1 \
    --secure-port="$port" --tls-cert-file="$base/pki/server.crt" --tls-private-key-file="$base/pki/server.key" \
    --token-auth-file="$base/pki/tokens" --authorization-mode=RBAC --service-cluster-ip-range=10.96.0.0/24 \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$base/pki/accounts.key" \
    --service-account-signing-key-file="$base/pki/accounts.key" --cert-dir="$base/certs" \
    --default-not-ready-toleration-seconds=2 --default-unreachable-toleration-seconds=2
  until_ready "kube-apiserver" kubectl get --raw /readyz
}

until_ready() {
  local what=$1 _
  shift
  for _ in $(seq 300); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.2
  done
  tail -n 5 "$base"/*.log >&2
  down
  die "$what did not come up in 60 s"
}

start_node() {
  local node=$1
  setsid unshare --pid --mount --fork --mount-proc "$here/kubernetes_node.py" "$node" "$KUBECONFIG" "$base/$node" "$cpus" \
    "$memory" >>"$base/$node.log" 2>&1 </dev/null &
  echo $! >"$base/$node.unshare"
}

# The namespace's first process, whose end ends all of the others.
kill_node() {
  [[ -e $base/$1.unshare ]] || die "there is no node $1; there are node1 to node$count"
  local first
  first=$(ps -o pid= --ppid "$(cat "$base/$1.unshare")" 2>/dev/null | tr -d ' ')
  [[ -z $first ]] || kill -9 "$first"
}

up() {
  local why node
  why=$(missing)
  [[ -z $why ]] || die "$why"
  [[ ! -e $base/apiserver.pid ]] || die "$base is in use; end it by: scripts/kubernetes_server.sh down"
  mkdir -p "$base"
  make_keys
  daemon etcd etcd --data-dir="$base/etcd" --log-level=error --logger=zap \
    --listen-client-urls="http://127.0.0.1:$((port + 1))" --advertise-client-urls="http://127.0.0.1:$((port + 1))" \
    --listen-peer-urls="http://127.0.0.1:$((port + 2))" --initial-advertise-peer-urls="http://127.0.0.1:$((port + 2))" \
    --initial-cluster="default=http://127.0.0.1:$((port + 2))"
  start_api
  # Lost nodes are noticed sooner than by default, as a test cannot wait for minutes.
  daemon controllers kube-controller-manager --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1 \
    --secure-port="$((port + 3))" --port=0 --service-account-private-key-file="$base/pki/accounts.key" \
    --root-ca-file="$base/pki/ca.crt" --node-monitor-period=1s --node-monitor-grace-period=6s --cert-dir="$base/certs"
  daemon scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1 \
    --secure-port="$((port + 4))" --port=0 --cert-dir="$base/certs"
  for node in $(seq "$count"); do start_node "node$node"; done
  # Whoever claims it gets this machine's files, as the nodes have them.
  kubectl create -f - >/dev/null <<'VOLUME'
{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "shared"},
 "spec": {"capacity": {"storage": "1Ti"}, "accessModes": ["ReadWriteMany"], "hostPath": {"path": "/"}}}
VOLUME
  until_ready "the nodes" nodes_are_ready
  until_ready "the service account of the namespace" kubectl get serviceaccount default
}

nodes_are_ready() {
  kubectl wait --for=condition=Ready --timeout=0 nodes --all && [[ $(kubectl get nodes -o name | wc -l) -ge $count ]]
}

down() {
  local file node
  for file in "$base"/node*.unshare; do
    [[ -e $file ]] || continue
    node=${file##*/}
    kill_node "${node%.unshare}"
  done
  for file in scheduler controllers apiserver etcd; do end_daemon "$file"; done
  rm -rf "$base"
}

# The one generated file that the sources do not hold: schemas of all that the API server serves.
generate_openapi() {
  local packages
  packages=$(grep -rl --include='*.go' '+k8s:openapi-gen=' \
    staging/src/k8s.io/{api,apimachinery,apiserver,apiextensions-apiserver,kube-aggregator,metrics,client-go} |
    grep -v _test.go | xargs -n1 dirname | sort -u | grep -v -E 'apis/example|testapigroup' |
    sed 's|^staging/src|k8s.io/kubernetes/vendor|' | paste -sd,)
  nice go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  "$work/openapi-gen" -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -h /dev/null \
    -r "$work/violations" || die "schemas were not generated"
}

build() {
  local target work program
  mkdir -p "$1"
  target=$(cd "$1" && pwd)
  for program in go dpkg-source; do
    command -v "$program" >/dev/null || die "no $program; Debian's packages are golang-go and dpkg-dev"
  done
  work=$(mktemp -d)
  cd "$work"
  apt-get source --download-only -qq kubernetes >/dev/null ||
    die "apt-get has no source package kubernetes; add a line of deb-src for Debian 12, whose package has all of the sources"
  # Not with its patches: they are about the programs that Debian ships. Its modules' versions are older than what go
  # of the same Debian wants to read, so it is built as before there were modules.
  mkdir -p go/src/k8s.io/kubernetes
  tar -xf kubernetes_*.orig.tar.* -C go/src/k8s.io/kubernetes --strip-components=1
  cd go/src/k8s.io/kubernetes
  export GOPATH=$work/go GOCACHE=$work/cache CGO_ENABLED=0 GO111MODULE=off
  local version flags
  version=$(cd "$work" && ls kubernetes_*.dsc | sed 's/.*really\([0-9.]*[0-9]\)-.*/\1/; s/kubernetes_\([0-9.]*[0-9]\)[+-].*/\1/')
  flags="-s -w"
  for program in component-base/version client-go/pkg/version; do
    program=k8s.io/kubernetes/vendor/k8s.io/$program
    flags+=" -X $program.gitVersion=v$version -X $program.gitMajor=${version%%.*} -X $program.gitMinor=$(cut -d. -f2 <<<"$version")"
  done
  generate_openapi
  for program in kube-apiserver kube-controller-manager kube-scheduler; do
    nice go build -p "${GO_JOBS:-2}" -ldflags "$flags" -o "$target/$program" -tags providerless "./cmd/$program" || die "$program was not built"
    echo "$target/$program"
  done
  cd /
  rm -rf "$work"
}

case ${1:-} in
  missing) why=$(missing); [[ -z $why ]] || { echo "$why"; exit 1; } ;;
  up) up; echo "export KUBECONFIG=$KUBECONFIG" ;;
  down) down ;;
  kill) kill_node "${2:?usage: scripts/kubernetes_server.sh kill NODE}" ;;
  start) start_node "${2:?usage: scripts/kubernetes_server.sh start NODE}" ;;
  restart) end_daemon apiserver; start_api ;;
  build) build "${2:?usage: scripts/kubernetes_server.sh build FOLDER}" ;;
  run)
    shift
    up
    trap down EXIT
    "$@"
    ;;
  *) sed -n '5,12s/^# //p' "$0" >&2; exit 2 ;;
esac
