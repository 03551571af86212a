# shellcheck shell=bash disable=SC2034,SC2154 # names of who reads this, and for them
# Words of the checks that take minutes (slurm_check.sh and the others that read this), which tell what they see as they go on.

# What a study on a scheduler is made of: small, with checkpoints to go on from. Nodes need not have this shell's
# variables, some of which choose the instructions of a processor: without the same ones the last bits differ.
small=(--reproducible --preset tiny seeds=1 world.scale=1/2000 training.save_steps=10 benchmarks.gsm8k.limit=2 '~benchmarks.humaneval' '~benchmarks.mtbench')

say() { printf '%s %s\n' "$(date -u +%T)" "$*"; }

# die WHAT: ends the check, with the last lines of the logs that it has in its folder
die() {
  local log
  say "NOT SHOWN: $*"
  for log in "$folder"/*.log; do
    [[ ! -e $log ]] || { printf '==> %s\n' "$log" && tail -n 20 "$log"; }
  done
  exit 1
}

# until_true SECONDS WHAT COMMAND...: waits until the command succeeds
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || die "$what"
    sleep 0.1
  done
}

# kill_begun_stage: kill -9 of a process that trains a stage of $study which has its first checkpoint and no later one, so
# that the stage cannot end before; its key is in $key
kill_begun_stage() {
  local stage newest process
  for stage in "$study"/checkpoints/*/; do
    newest=$(find "$stage" -maxdepth 1 -name 'step-*' 2>/dev/null | sort | tail -n 1)
    [[ $newest =~ step-0*10$ ]] || continue
    key=$(basename "$stage")
    process=$(pgrep -f "java.*study-job $study $key" | head -n 1)
    [[ -z $process ]] || ! kill -9 "$process" || return 0
  done
  return 1
}
