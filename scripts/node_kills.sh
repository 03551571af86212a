#!/usr/bin/env bash
# Kills nodes at random moments while several of them work on one study in a folder that a real NFS server serves; then the
# study must have the results of one that nobody disturbed, no checkpoint may have been lost, and no task done twice.
#
# Counted is what a kill costs: the steps of the killed node's stage since its checkpoint, which are trained again.
#
# usage: scripts/node_kills.sh [--kills N] [--seed S] [--nodes N] [FOLDER]
#
#   --kills N   how many (default: 30)
#   --seed S    of moments and victims (default: 1)
#   --nodes N   how many nodes (default: 3)
#   FOLDER      for all files, must not be there (default: a temporary one, deleted at the end)
#
# A node is a namespace of processes and of mounts with a name of its own: killing its first process kills all that runs on
# it and its mount, as a power cut would. The server is nfs-ganesha (Debian's nfs-ganesha, nfs-ganesha-vfs and rpcbind; NFSv3).
# Since kernels of some machines have no NFS client, nodes mount it by scripts/nfs_mount.c (libfuse3-dev, libnfs-dev, fuse3),
# which has no locks between nodes. Needs root. All is in namespaces of its own, of the network, too, and ends with the script.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/scripts/checks.sh"
[[ -n ${DMT_NODE_KILLS:-} ]] || exec env DMT_NODE_KILLS=inside unshare --net --mount --pid --fork --mount-proc --kill-child "$0" "$@"
kills=30 seed=1 count=3 folder=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --kills | --seed)
      declare "${1#--}=$2"
      shift 2
      ;;
    --nodes)
      count=$2
      shift 2
      ;;
    -*) sed -n '7,12s/^# //p' "$0" >&2 && exit 2 ;;
    *)
      folder=$1
      shift
      ;;
  esac
done
for program in ganesha.nfsd rpcbind fusermount3 cc unshare; do
  command -v "$program" >/dev/null || { echo "node_kills: there is no $program" >&2; exit 2; }
done
keep=$folder
[[ -n $folder ]] || folder=$(mktemp -d)/kills
mkdir "$folder" "$folder/export" "$folder/shared" "$folder/recovery"
small+=(engine.threads=1)
server=''
RANDOM=$seed


first_of() { ps -o pid= --ppid "$(cat "$folder/$1.unshare")" 2>/dev/null | tr -d ' ' || true; }
kill_node() {
  local first
  first=$(first_of "$1")
  [[ -z $first ]] || kill -9 "$first" 2>/dev/null || true
}

down() {
  local n
  for n in $(seq "$count"); do [[ ! -e $folder/node$n.unshare ]] || kill_node "node$n"; done
  [[ -z $server ]] || kill -9 "$server" 2>/dev/null || true
  [[ -n $keep ]] || rm -rf "$folder"
}
trap down EXIT

serve() {
  cat >"$folder/ganesha.conf" <<CONF
NFS_CORE_PARAM { Protocols = 3; NFS_Port = 2049; MNT_Port = 2050; Enable_NLM = false; Enable_RQUOTA = false; }
EXPORT { Export_Id = 1; Path = $folder/export; Pseudo = /export; Access_Type = RW; Squash = No_Root_Squash; SecType = sys; Protocols = 3; Transports = TCP; FSAL { Name = VFS; } }
CONF
  ip link set lo up
  mount -t tmpfs none /run
  mkdir -p /run/rpcbind /run/ganesha
  rpcbind -f -w &
  sleep 1
  ganesha.nfsd -F -f "$folder/ganesha.conf" -L "$folder/ganesha.log" -p "$folder/ganesha.pid" >/dev/null 2>&1 &
  server=$!
  for _ in $(seq 100); do
    grep -q "NFS SERVER INITIALIZED" "$folder/ganesha.log" 2>/dev/null && return 0
    sleep 0.1
  done
  die "the server starts"
}

start_node() {
  setsid unshare --pid --mount --uts --fork --mount-proc bash -c '
    hostname "$0"
    "$1/nfs_mount" "nfs://127.0.0.1$1/export?version=3" "$1/shared" -f -s &
    until mountpoint -q "$1/shared"; do sleep 0.1; done
    shift
    "$@"
    echo "$0 ended with $?"' "$1" "$folder" "$here/dmt" study strategies "${small[@]}" --output "$folder/shared/study$round" --jobs 1 \
    >>"$folder/$1.log" 2>&1 </dev/null &
  echo $! >"$folder/$1.unshare"
}

is_up() { [[ -n $(first_of "$1") ]]; }

# Checkpoints of a stage only become newer, until the stage is done.
declare -A newest
look() {
  local stage key step
  for stage in "$study"/checkpoints/*/; do
    [[ -d $stage ]] || continue
    key=$(basename "$stage")
    step=$(find "$stage" -maxdepth 1 -name 'step-*' -printf '%f\n' 2>/dev/null | sed 's/step-0*//' | sort -n | tail -n 1)
    [[ ${step:-0} -ge ${newest[$key]:-0} || -d $study/nodes/$key ]] ||
      die "the checkpoint of step ${newest[$key]} of stage $key: the newest is of step ${step:-0}"
    newest[$key]=${step:-0}
  done
}

# What was lost with a node: the steps of the stage that it has claimed, since the stage's newest checkpoint. A claim of an
# earlier kill that nobody has taken over yet was counted then.
declare -A counted
again=0 most_again=0
count_lost() {
  local claim id key metrics made kept
  lost="it trained nothing"
  for claim in $(grep -l "\"host\":\"$1\"" "$study"/locks/*.lock.claim-* 2>/dev/null); do
    id=$(sed -n '1s/.*"id":"\([^"]*\)".*/\1/p' "$claim")
    [[ -z ${counted[$id]:-} ]] || continue
    counted[$id]=yes
    key=$(basename "${claim%.lock.claim-*}")
    metrics=$study/nodes/.$(printf %s "$key" | sha256sum | cut -c 1-16).saving/metrics.jsonl
    [[ -e $metrics && ! -d $study/nodes/$key ]] || continue
    made=$(sed -n 's/.*"type":"step".*"step":\([0-9]*\),.*/\1/p' "$metrics" | tail -n 1)
    kept=$(find "$study/checkpoints/$key" -maxdepth 1 -name 'step-*' -printf '%f\n' 2>/dev/null | sed 's/step-0*//' | sort -n | tail -n 1)
    made=$((${made:-0} - ${kept:-0}))
    again=$((again + made))
    [[ $made -le $most_again ]] || most_again=$made
    lost="$made steps of stage ${key:0:12} are made again, after step ${kept:-0}"
  done
}

any_up() {
  local n
  for n in $(seq "$count"); do ! is_up "node$n" || return 0; done
  return 1
}

# All of a study: the same results, each task done once, each step of a stage written once.
check() {
  local twice metrics
  [[ $(grep -hc "^node[0-9]* ended with 0" "$folder"/node*.log | paste -sd+ | bc) -ge 1 ]] || die "nodes that end well"
  ! grep -h ": failed: " "$folder"/node*.log || die "no task fails"
  cmp "$folder/local/results.json" "$study/results.json" || die "the results of the undisturbed study"
  twice=$(sed -n 's/^\(.*\): .* in [0-9.]* s.*$/\1/p' "$folder"/node*.log | sort | uniq -d)
  [[ -z $twice ]] || die "each task done once, these were not: $twice"
  for metrics in "$study"/nodes/*/metrics.jsonl; do
    twice=$(sed -n 's/.*"type":"step".*"step":\([0-9]*\).*/\1/p; t; s/.*"step":\([0-9]*\).*"type":"step".*/\1/p' "$metrics" | uniq -d)
    [[ -z $twice ]] || die "$metrics: each step once"
  done
  say "$(find "$study/nodes" -mindepth 1 -maxdepth 1 -not -name '.*' | wc -l) stages, $(grep -h "went on after step" "$folder"/node*.log | wc -l) of them went on from a checkpoint; results.json of both studies: the same bytes"
}

"$here/dmt" study strategies "${small[@]}" --output "$folder/local" --jobs 1 | tail -n 1
cc -O2 -o "$folder/nfs_mount" "$here/scripts/nfs_mount.c" $(pkg-config --cflags --libs fuse3 libnfs)
serve
say "an undisturbed study is done; an NFS server is up; seed $seed"

killed=0
for round in $(seq 100); do
  study=$folder/export/study$round
  newest=() counted=()
  rm -f "$folder"/node*.log
  for n in $(seq "$count"); do start_node "node$n"; done
  while [[ $killed -lt $kills ]] && any_up; do
    sleep "$((5 + RANDOM % 16)).$((RANDOM % 10))"
    victim=node$((1 + RANDOM % count))
    is_up "$victim" || continue
    look
    kill_node "$victim"
    killed=$((killed + 1))
    count_lost "$victim"
    say "kill $killed: $victim, $lost; $(find "$study/nodes" -mindepth 1 -maxdepth 1 -not -name '.*' 2>/dev/null | wc -l) stages are done"
    sleep "0.$((RANDOM % 10))"
    start_node "$victim"
  done
  end=$((SECONDS + 900))
  while any_up; do
    [[ $SECONDS -lt $end ]] || die "the nodes end"
    sleep 0.5
  done
  check
  [[ $killed -lt $kills ]] || break
done
say "$killed kills in $round studies: nothing lost, no task done twice; $again steps were trained again, at most $most_again after a kill"
