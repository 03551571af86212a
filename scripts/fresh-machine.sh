#!/usr/bin/env bash
# Makes a bare Debian with debootstrap, puts a clone of HEAD in it and runs README's commands there as a user would.
#
# usage: scripts/fresh-machine.sh SUITE [--step start|reproduce|test]... [--shared DIR] [--cache DIR] [--keep DIR]
#                                       [--mirror URL]
#
#   SUITE         bookworm, trixie, sid or another that debootstrap knows
#   --step STEP   run this one alone (may be given again): start builds, reproduce and test are ./dmt's. Default: all
#   --shared DIR  put a copy of this folder beside the clone; tests that read data from there are skipped without it
#   --cache DIR   keep apt's and Maven's downloads there and take them from there (default: a cold cache)
#   --keep DIR    make the system in this folder and leave it there; one that is there already is taken as it is
#   --mirror URL  where Debian's packages come from (default: where this machine has them from)
#
# Needs root and debootstrap. The system has processes and mounts of its own, which end with this script, and the
# network of this machine. What this machine says about registries holds there, too: proxies, apt's and pip's settings
# with the folders that they name, certificates, Maven's settings. DMT_* variables are handed on.
# Logs lie in target/fresh-machine/SUITE. Exit code: 0 all steps passed, 1 one failed, 2 wrong usage.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}")
source_root=${script%/scripts/*}

say() { printf 'fresh-machine: %s\n' "$*" >&2; }
wrong() { say "$*; see scripts/fresh-machine.sh --help"; exit 2; }

# --- inside: root of the new system, mounts and processes of our own ------------------------------------------------

# enter <system> <command...>: makes SYSTEM the root of this process, with what the kernel and devices offer
enter() {
  local system=$1 name
  shift
  mount --bind "$system" "$system"
  cd "$system"
  bind_folders "$system"
  mount -t proc proc proc
  mount --rbind /sys sys
  mount -t tmpfs -o mode=755 tmpfs dev
  mkdir dev/pts dev/shm before
  for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
  done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  # A root of its own, not chroot's: bubblewrap and user namespaces refuse to work below one.
  pivot_root . before
  exec /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    /bin/bash -c 'umount -l /before && rmdir /before && set -a && . /root/.fresh-machine-env && set +a && cd /root/dmt &&
      exec "$@"' bash "$@"
}

# Folders of the host in the new system: pip's read-only, the caches as they are.
bind_folders() {
  local mode folder target
  while IFS=$'\t' read -r mode folder target; do
    mkdir -p "$1$target"
    mount --bind "$folder" "$1$target"
    [[ $mode != ro ]] || mount -o remount,bind,ro "$1$target"
  done <"$FRESH_MACHINE_FOLDERS"
}

if [[ ${1:-} == --inside ]]; then
  shift
  enter "$@"
fi

# --- outside --------------------------------------------------------------------------------------------------------

suite='' steps=() shared='' cache='' keep='' mirror=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$script"; exit 0 ;;
    --step | --shared | --cache | --keep | --mirror)
      [[ $# -ge 2 ]] || wrong "$1 needs a value"
      case $1 in
        --step) [[ $2 =~ ^(start|reproduce|test)$ ]] || wrong "--step $2 must be start, reproduce or test"
          steps+=("$2") ;;
        --mirror) mirror=$2 ;;
        *) declare "${1#--}=$(realpath -m -- "$2")" ;;
      esac
      shift 2 ;;
    -*) wrong "unknown option $1" ;;
    *) [[ -z $suite ]] || wrong "one suite, not $suite and $1"
      suite=$1
      shift ;;
  esac
done
[[ -n $suite ]] || wrong "no suite is given"
[[ $suite =~ ^[a-z0-9-]+$ ]] || wrong "suite $suite must be a name such as trixie"
[[ -z $shared || -d $shared ]] || wrong "--shared $shared is no folder"
[[ $EUID -eq 0 ]] || wrong "a system of its own needs root"
command -v debootstrap >/dev/null || wrong "debootstrap is missing (package debootstrap)"
[[ ${#steps[@]} -gt 0 ]] || steps=(start reproduce test)

# shellcheck source=scripts/fresh_machine_registries.sh
. "$source_root/scripts/fresh_machine_registries.sh"
mirror=${mirror:-$(debian_mirror Debian http://deb.debian.org/debian)}
commit=$(git -C "$source_root" rev-parse --short HEAD)
[[ -z $(git -C "$source_root" status --porcelain) ]] || say "what is not committed is not in the clone of $commit"
logs=$source_root/target/fresh-machine/$suite
mkdir -p "$logs"

place=${keep:-$(mktemp -d "${TMPDIR:-/var/tmp}/fresh-machine-XXXXXX")}
system=$place/system
mkdir -p "$place"
export FRESH_MACHINE_FOLDERS=$place/folders
inside=
clean_up() {
  [[ -z $inside ]] || { kill -KILL "$inside" 2>/dev/null && wait "$inside" 2>/dev/null; } || true
  [[ -n $keep ]] || rm -rf --one-file-system "$place"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

rows=() failed=0
# timed <name> <command...>: runs it with its output in a log, and notes time and result
timed() {
  local name=$1 log=$logs/$1.log start=$SECONDS status=0
  shift
  say "$name ... (log: $log)"
  "$@" >"$log" 2>&1 </dev/null &
  inside=$!
  wait "$inside" || status=$?
  inside=
  local seconds=$((SECONDS - start)) result=ok
  if [[ $status -ne 0 ]]; then
    result="failed with exit code $status"
    failed=1
    tail -n 25 "$log" >&2
  fi
  rows+=("$(printf '%-12s %2d min %02d s  %s' "$name" $((seconds / 60)) $((seconds % 60)) "$result")")
  say "${rows[-1]}"
  return $status
}

bootstrap() {
  local options=(--variant=minbase) state=$system/var/lib/dpkg/status
  [[ $mirror != https:* ]] || options+=(--include=ca-certificates)
  if [[ -n $cache ]]; then
    mkdir -p "$cache/debootstrap-$suite"
    options+=("--cache-dir=$cache/debootstrap-$suite")
  fi
  [[ ! -e $state ]] || { echo "taken as it is: $system"; return 0; }
  # What it mounts ends with it, also when it is stopped.
  exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc \
    debootstrap "${options[@]}" "$suite" "$system" "$mirror"
}

# Debian's installer adds a release's updates; sid has none.
write_sources() {
  local security
  security=$(debian_mirror Debian-Security http://deb.debian.org/debian-security)
  {
    echo "deb $mirror $suite main"
    [[ $suite == sid || $suite == unstable ]] || printf 'deb %s main\n' \
      "$mirror $suite-updates" "$security $suite-security"
  } >"$system/etc/apt/sources.list"
}

# The folder of the clone, and what lies beside it where README's tests look for data.
put_clone() {
  rm -rf "$system/root/shared"
  if [[ -d $system/root/dmt ]]; then
    git -C "$system/root/dmt" fetch -q "$source_root" HEAD
    git -C "$system/root/dmt" checkout -q --force FETCH_HEAD
  else
    git clone -q --no-hardlinks "$source_root" "$system/root/dmt"
  fi
  [[ -z $shared ]] || cp -a "$shared" "$system/root/shared"
}

run_inside() { exec unshare --mount --pid --fork --kill-child --propagation private "$script" --inside "$system" "$@"; }

facts() {
  # shellcheck disable=SC2016 # expanded inside
  run_inside bash -c '
    . /etc/os-release; echo "$PRETTY_NAME"
    { g++ --version || clang++ --version; } 2>/dev/null | head -n 1
    find /usr/lib/jvm/ -maxdepth 2 -name release -exec sed -n "s/^JAVA_VERSION=/JDK /p" {} + | sort -u | tr -d "\""
    python3 --version; cmake --version | head -n 1'
}

summary() {
  printf '\n%s, commit %s, %s cores, %s\n' "$suite" "$commit" "$(nproc)" "$(date -u +%F)"
  ! (facts) 2>/dev/null | sed 's/^/  /'
  printf '  %s\n' "${rows[@]}"
  local counts
  counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$logs/test.log" 2>/dev/null | tail -n 1) || true
  [[ " ${steps[*]} " != *" test "* || -z $counts ]] || printf '  tests: %s\n' "$counts"
}

rm -f "$logs"/*.log # of an earlier run
if timed debootstrap bootstrap; then
  write_sources
  carry_registries "$system" "$FRESH_MACHINE_FOLDERS"
  put_clone
  for step in "${steps[@]}"; do
    case $step in
      start) timed start run_inside ./dmt --help || break ;;
      *) timed "$step" run_inside ./dmt "$step" || true ;;
    esac
  done
fi
summary
exit $failed
