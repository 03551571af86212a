#!/usr/bin/env bash
# Shows a run over four hosts, which are network namespaces of this machine: over links with delay and loss, cut off, slow,
# with a wrong clock, and by IPv6. Each case ends as it should within its time, or this script ends with what did not.
#
# usage: scripts/network_check.sh [CASE...]     CASE: of those below (default: all)
#
#   lossy       20 ms of delay and 1 % of loss on each link: the losses of a run without
#   stopped     a rank stands still for 8 s: the run says which and goes on
#   clock       a host's clock is ten minutes ahead (scripts/clock_ahead.c): the losses of a run without
#   ipv6        the same by IPv6 alone
#   partition   host 1, with rank 0, is cut off: all ranks end and name it
#   away        host 3 loses all that is sent to it: the same
#   down        host 4's link is taken down: the same
#   interface   GLOO_SOCKET_IFNAME names an interface that is not there: told before anything begins
#
# Needs root, ip (iproute2) and python3; for clock a C compiler. Links are TAP devices on a bridge with a relay
# (scripts/network_link.py) that delays and loses frames, since kernels without netem have no other way. All addresses are
# inside the namespaces, which this script makes and deletes.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/scripts/checks.sh"
[[ $EUID -eq 0 ]] || { echo "network_check: only root can make namespaces" >&2; exit 2; }
command -v ip >/dev/null || { echo "network_check: there is no ip; Debian's package is iproute2" >&2; exit 2; }
cases=("$@")
[[ $# -gt 0 ]] || cases=(lossy stopped clock ipv6 partition away down interface)

folder=$(mktemp -d)
tag=dmt$$
hosts=("$tag-1" "$tag-2" "$tag-3" "$tag-4")
hub=$tag-hub
timeout=15
settings=(max_steps=12 save_steps=0 global_train_batch_size=8 eval_fraction=0 threads=1 logging_steps=1)
endless=(num_train_epochs=1000 save_steps=0 global_train_batch_size=8 eval_fraction=0 threads=1 logging_steps=1000)
launchers=()
relay=''

down() {
  local host
  for host in "${hosts[@]}" "$hub"; do
    ip netns pids "$host" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
  done
  [[ -z $relay ]] || kill "$relay" 2>/dev/null || true
  wait 2>/dev/null || true
  for host in "${hosts[@]}" "$hub"; do ip netns del "$host" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap down EXIT

up() {
  local n pairs=()
  for host in "${hosts[@]}" "$hub"; do
    ip netns add "$host"
    ip -n "$host" link set lo up
  done
  mkdir "$folder/links"
  for n in 1 2 3 4; do
    echo "0 0" >"$folder/links/$n"
    pairs+=("$tag-$n:eth0=$hub:port$n")
  done
  python3 "$here/scripts/network_link.py" "$folder/links" "${pairs[@]}" >"$folder/relay.log" 2>&1 &
  relay=$!
  until grep -q up "$folder/relay.log"; do
    kill -0 "$relay" 2>/dev/null || die "the relay"
    sleep 0.1
  done
  ip -n "$hub" link add bridge mtu 9000 type bridge
  ip -n "$hub" link set bridge up
  for n in 1 2 3 4; do
    ip -n "$hub" link set "port$n" mtu 9000 master bridge up
    ip -n "$tag-$n" link set eth0 mtu 9000 up
    ip -n "$tag-$n" addr add "10.88.0.$n/24" dev eth0
    ip -n "$tag-$n" addr add "fd88::$n/64" dev eth0 nodad
  done
}

links() { for n in 1 2 3 4; do echo "$1" >"$folder/links/$n"; done; }

# start NAME RDZV WORD...: a launcher of one rank on each host
start() {
  local name=$1 rdzv=$2 n
  shift 2
  launchers=()
  for n in 1 2 3 4; do
    local before=()
    [[ $name != clock || $n -ne 3 ]] || before=(env "LD_PRELOAD=$folder/clock_ahead.so" CLOCK_AHEAD=600)
    ip netns exec "$tag-$n" unshare --uts bash -c 'hostname "$0"; exec "$@"' "host$n" env "OMP_NUM_THREADS=1" ${interface:+"GLOO_SOCKET_IFNAME=$interface"} \
      "${before[@]}" "$here/dmt" launch --nproc 1 --nnodes 4 --node-rank $((n - 1)) --rdzv "$rdzv" --log-dir "$folder/$name-ranks" -- \
      train --model "$folder/world/base" --data "math=$folder/world/math_train.jsonl" --output "$folder/$name" --rank-timeout "$timeout" "$@" \
      >"$folder/$name-$n.log" 2>&1 </dev/null &
    launchers+=($!)
  done
}

# ended NAME SECONDS STATUS: all launchers, in time
ended() {
  local n end=$((SECONDS + $2)) status
  for n in 0 1 2 3; do
    while kill -0 "${launchers[$n]}" 2>/dev/null; do
      [[ $SECONDS -lt $end ]] || die "$1: host$((n + 1)) still runs after $2 s"
      sleep 0.2
    done
    status=0
    wait "${launchers[$n]}" || status=$?
    [[ $status -eq $3 ]] || die "$1: host$((n + 1)) has ended with $status, expected $3"
  done
}

training() {
  local end=$((SECONDS + 120))
  until [[ $(grep -c '"type":"step"' "$folder/$1/metrics.jsonl" 2>/dev/null) -ge 3 ]]; do
    [[ $SECONDS -lt $end ]] || die "$1: three steps"
    sleep 0.2
  done
}

same() {
  local losses='s/.*"step":\([0-9]*\).*"loss":\([-0-9.eE]*\).*/\1 \2/p'
  diff <(sed -n "$losses" "$folder/plain/metrics.jsonl" | sort -u) <(sed -n "$losses" "$folder/$1/metrics.jsonl" | sort -u) \
    >/dev/null || die "$1: the losses of the run that nobody disturbs"
  say "$1: 12 steps, the same losses, $((SECONDS - began)) s"
}

# cut NAME WORDS HOW...: a run that is cut ends in time and says WORDS on each host
cut_off() {
  local name=$1 words=$2 n
  shift 2
  start "$name" 10.88.0.1:29500 "${endless[@]}"
  training "$name"
  began=$SECONDS
  "$@"
  ended "$name" $((timeout + 50)) 1
  for n in 1 2 3 4; do
    [[ $name-$n == "$unreached" ]] || grep -qE "$words" "$folder/$name-$n.log" "$folder/$name-ranks/rank-$((n - 1)).log" 2>/dev/null ||
      die "$name: host$n says \"$words\""
  done
  say "$name: all had ended after $((SECONDS - began)) s: $(grep -hoE "rank [0-9] of 4: .*" "$folder/$name-1.log" | tail -n 1)"
  links "0 0"
}

"$here/dmt" world --output "$folder/world" >/dev/null
up
unreached='' interface='' began=$SECONDS
start plain 10.88.0.1:29500 "${settings[@]}"
ended plain 200 0
say "plain: 12 steps of four hosts, $((SECONDS - began)) s"

for case in "${cases[@]}"; do
  began=$SECONDS
  case $case in
    lossy)
      links "20 1"
      timeout=120 start lossy 10.88.0.1:29500 "${settings[@]}"
      ended lossy 500 0
      links "0 0"
      same lossy
      ;;
    stopped)
      timeout=60 start stopped 10.88.0.1:29500 "${endless[@]/num_train_epochs=1000/max_steps=40}"
      training stopped
      rank=$(ip netns pids "$tag-3" | while read -r pid; do ! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q ' train --model' || echo "$pid"; done | tail -n 1)
      kill -STOP "$rank"
      sleep 8
      kill -CONT "$rank"
      ended stopped 200 0
      grep -q "rank 2 on host3 (10.88.0.3) has not been heard of for" "$folder/stopped-1.log" || die "stopped: who is missed"
      grep -q "rank 2 on host3 (10.88.0.3) is back after" "$folder/stopped-1.log" || die "stopped: who is back"
      say "stopped: $(grep -ho "rank 2 on host3.*" "$folder/stopped-1.log" | tr '\n' ';')"
      ;;
    clock)
      cc -O2 -shared -fPIC -o "$folder/clock_ahead.so" "$here/scripts/clock_ahead.c"
      start clock 10.88.0.1:29500 "${settings[@]}"
      ended clock 200 0
      same clock
      ;;
    ipv6)
      for n in 1 2 3 4; do ip -n "$tag-$n" addr del "10.88.0.$n/24" dev eth0; done
      start ipv6 "[fd88::1]:29500" "${settings[@]}"
      ended ipv6 200 0
      same ipv6
      for n in 1 2 3 4; do ip -n "$tag-$n" addr add "10.88.0.$n/24" dev eth0; done
      ;;
    partition) cut_off partition "rank 0( on host1| at 10.88.0.1:29500 does not answer)|not heard of" eval 'echo "0 100" >"$folder/links/1"' ;;
    away) cut_off away "rank 2 on host3 \(10.88.0.3\)|rank 0 at 10.88.0.1:29500 does not answer" eval 'echo "0 100" >"$folder/links/3"' ;;
    down)
      cut_off down "rank 3 on host4 \(10.88.0.4\)|rank 0 at 10.88.0.1:29500 does not answer" ip -n "$tag-4" link set eth0 down
      ip -n "$tag-4" link set eth0 up
      ip -n "$tag-4" addr add "fd88::4/64" dev eth0 nodad 2>/dev/null || true
      ;;
    interface)
      interface=eth7 start interface 10.88.0.1:29500 "${settings[@]}"
      ended interface 60 2
      say "interface: $(grep -h eth7 "$folder/interface-1.log" | head -n 1)"
      grep -q "GLOO_SOCKET_IFNAME=eth7: this host has no such network interface; it has eth0" "$folder/interface-1.log" || die "interface"
      ;;
    *) die "there is no case $case" ;;
  esac
done
