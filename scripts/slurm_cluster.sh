#!/usr/bin/env bash
# A real Slurm on this machine, for tests: munge, slurmctld and some slurmd, each a node of its own.
#
# usage: scripts/slurm_cluster.sh missing           says why there can be none; nothing and exit status 0 if there can
#        scripts/slurm_cluster.sh up                starts it and prints the environment that its clients need
#        scripts/slurm_cluster.sh run COMMAND...    starts it, runs the command with that environment, takes it down
#        scripts/slurm_cluster.sh kill NODE         as if its plug were pulled: all its processes are gone at once
#        scripts/slurm_cluster.sh start NODE        switches it on again
#        scripts/slurm_cluster.sh down              ends everything and deletes its folder
#
# Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge. Everything is below one folder with ports
# and a key of its own; a Slurm that this machine belongs to is neither read nor touched. A node is a namespace of
# processes with a name of its own: killing its first process kills every job on it, as a power cut would.
#
# Environment:
#   DMT_SLURM_DIR     folder (default: /tmp/dmt-slurm)
#   DMT_SLURM_NODES   how many nodes (default: 2)
#   DMT_SLURM_CPUS    CPUs that each node says it has, whatever this machine has (default: 2)
#   DMT_SLURM_MEMORY  MB that each node says it has (default: 8000)
#   DMT_SLURM_PORT    first of the ports that are used (default: 17817)
set -euo pipefail

base=${DMT_SLURM_DIR:-/tmp/dmt-slurm}
count=${DMT_SLURM_NODES:-2}
cpus=${DMT_SLURM_CPUS:-2}
memory=${DMT_SLURM_MEMORY:-8000}
port=${DMT_SLURM_PORT:-17817}
export SLURM_CONF=$base/slurm.conf
PATH=$PATH:/usr/sbin:/sbin

die() { printf 'slurm_cluster: %s\n' "$*" >&2; exit 2; }

missing() {
  local program absent=()
  for program in munged slurmctld slurmd sbatch squeue scontrol unshare; do
    command -v "$program" >/dev/null || absent+=("$program")
  done
  if [[ ${#absent[@]} -gt 0 ]]; then
    echo "no ${absent[*]}; Debian's packages are slurmctld, slurmd, slurm-client and munge"
  elif [[ $EUID -ne 0 ]]; then
    echo "only root can start slurmd; this is user $EUID"
  elif ! unshare --pid --uts --mount --fork true 2>/dev/null; then
    echo "namespaces of processes cannot be made here"
  fi
}

write_conf() {
  cat >"$SLURM_CONF" <<CONF
ClusterName=dmt
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$base/munge.socket
StateSaveLocation=$base/state
SlurmctldPidFile=$base/slurmctld.pid
SlurmctldLogFile=$base/slurmctld.log
SlurmdPidFile=$base/%n.pid
SlurmdLogFile=$base/%n.log
SlurmdSpoolDir=$base/spool-%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,defer_batch
SlurmctldTimeout=10
SlurmdTimeout=10
BatchStartTimeout=10
KillWait=5
MinJobAge=300
ReturnToService=2
RebootProgram=/bin/true
CONF
  local node
  for node in $(seq "$count"); do
    echo "NodeName=node$node NodeHostname=node$node NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=$cpus RealMemory=$memory State=UNKNOWN"
  done >>"$SLURM_CONF"
  echo "PartitionName=main Nodes=node[1-$count] Default=YES MaxTime=24:00:00 State=UP" >>"$SLURM_CONF"
}

# The shell goes on, and what it starts is no child of it that its own end would take along.
start_node() {
  local node=$1
  local hosts=$base/hosts-$node
  { cat /etc/hosts; for each in $(seq "$count"); do echo "127.0.0.1 node$each"; done; } >"$hosts"
  setsid unshare --pid --uts --mount --fork --mount-proc bash -c "
    hostname '$node' && mount --bind '$hosts' /etc/hosts && exec slurmd -D -N '$node'" \
    >>"$base/$node.out" 2>&1 </dev/null &
  echo $! >"$base/$node.unshare"
}

# The namespace's first process, whose end ends all of the others.
first_of() {
  local parent
  parent=$(cat "$base/$1.unshare" 2>/dev/null) || return 0
  ps -o pid= --ppid "$parent" 2>/dev/null | tr -d ' ' || true # it may be dead already
}

kill_node() {
  [[ -e $base/$1.unshare ]] || die "there is no node $1; there are node1 to node$count"
  local first
  first=$(first_of "$1")
  [[ -z $first ]] || kill -9 "$first"
}

up() {
  local why
  why=$(missing)
  [[ -z $why ]] || die "$why"
  [[ ! -e $base/slurmctld.pid ]] || die "$base is in use; end it by: scripts/slurm_cluster.sh down"
  mkdir -p "$base/state"
  chmod 755 "$base"
  write_conf
  dd if=/dev/urandom of="$base/munge.key" bs=128 count=1 status=none
  chmod 600 "$base/munge.key"
  chown root:root "$base/munge.key"
  munged --force --key-file="$base/munge.key" --socket="$base/munge.socket" --pid-file="$base/munge.pid" \
    --log-file="$base/munge.log" --seed-file="$base/munge.seed" 2>"$base/munge.out" || { cat "$base/munge.out" >&2; die "munged does not start"; }
  slurmctld >"$base/slurmctld.out" 2>&1 || { cat "$base/slurmctld.out" >&2; die "slurmctld does not start"; }
  local node
  for node in $(seq "$count"); do start_node "node$node"; done
  local tries
  for tries in $(seq 100); do
    [[ $(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l) -lt $count ]] || return 0
    sleep 0.2
  done
  sinfo -N >&2 || true
  tail -n 5 "$base"/*.log "$base"/*.out >&2
  down
  die "the nodes did not come up in 20 s"
}

down() {
  local node file
  scancel --state=PENDING --user=root 2>/dev/null || true
  for file in "$base"/node*.unshare; do
    [[ -e $file ]] || continue
    node=${file##*/}
    kill_node "${node%.unshare}"
  done
  for file in "$base/slurmctld.pid" "$base/munge.pid"; do
    [[ ! -e $file ]] || kill "$(cat "$file")" 2>/dev/null || true
  done
  for _ in $(seq 50); do
    [[ -e $base/slurmctld.pid || -e $base/munge.pid ]] || break
    sleep 0.1
  done
  rm -rf "$base"
}

case ${1:-} in
  missing) why=$(missing); [[ -z $why ]] || { echo "$why"; exit 1; } ;;
  up) up; echo "export SLURM_CONF=$SLURM_CONF" ;;
  down) down ;;
  kill) kill_node "${2:?usage: scripts/slurm_cluster.sh kill NODE}" ;;
  start) start_node "${2:?usage: scripts/slurm_cluster.sh start NODE}" ;;
  run)
    shift
    up
    trap down EXIT
    "$@"
    ;;
  *) sed -n '4,9s/^# //p' "$0" >&2; exit 2 ;;
esac
