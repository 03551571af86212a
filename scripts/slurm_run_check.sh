#!/usr/bin/env bash
# Shows one run over two nodes of a real Slurm, by scripts/slurm-33b.sh: a node is killed in the middle, Slurm queues the
# job again, and it goes on by itself on the node that is left, with the samples of a run that nobody disturbed.
#
# usage: scripts/slurm_run_check.sh [FOLDER]     FOLDER: for the runs, must not be there (default: a temporary one)
#
# Needs what scripts/slurm_cluster.sh needs, and some minutes. Exit status 1 with the first thing that is not as it should be.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/scripts/checks.sh"
cluster=$here/scripts/slurm_cluster.sh
why=$("$cluster" missing) || { echo "slurm_run_check: $why" >&2; exit 2; }
folder=${1:-$(mktemp -d)/check}
mkdir "$folder"

# submit NAME NODES: a job of two ranks on each node, asked for as a site without GPUs does
submit() {
  (cd "$here" && DMT_RANKS=2 sbatch --parsable --job-name="$1" --nodes="$2" --gpus-per-node=0 --cpus-per-task=1 \
    --time=20 --output="$folder/$1.log" scripts/slurm-33b.sh --model "$folder/world/base" --data "math=$folder/world/math_train.jsonl" \
    --output "$folder/$1" --resume auto --rank-timeout 60 "${training[@]}")
}

training=(max_steps=120 save_steps=10 global_train_batch_size=8 eval_fraction=0 threads=1)
state() { scontrol show job -o "$1" | sed 's/.*JobState=\([A-Z_]*\).*/\1/'; }
restarts() { scontrol show job -o "$1" | sed 's/.* Restarts=\([0-9]*\).*/\1/'; }
nodes() { scontrol show job -o "$1" | sed 's/.* NumNodes=\([0-9]*\).*/\1/'; }
is_over() { [[ $(state "$1") =~ COMPLETED|FAILED|CANCELLED|TIMEOUT ]]; }
has_restarted() { [[ $(restarts "$1") -ge 1 ]]; }
has_step() { compgen -G "$folder/$1/checkpoints/step-*$2"; }
reason() { scontrol show job -o "$1" | sed 's/.* Reason=\([A-Za-z]*\).*/\1/'; }
# Slurm lets a job that it has queued again wait for two minutes. Told so again and again it would begin to wait anew.
begins() {
  [[ $(state "$1") == RUNNING ]] && return
  [[ $(reason "$1") != BeginTime ]] || scontrol update JobId="$1" StartTime=now
  false
}
all_idle() { [[ $(sinfo -h -N -t idle -o %N | wc -l) -eq 2 ]]; }

# What a step was made of, exactly, and its loss.
compare() {
  python3 - "$folder/whole/metrics.jsonl" "$folder/$1/metrics.jsonl" <<'PYTHON'
import json, sys
def steps(path):
    return [line for line in map(json.loads, open(path)) if line.get("type") == "step"]
whole, other = map(steps, sys.argv[1:])
samples = lambda line: {k: {n: v for n, v in s.items() if n != "loss"} for k, s in line["sources"].items()}
assert [l["step"] for l in whole] == [l["step"] for l in other], "other steps"
for a, b in zip(whole, other):
    assert samples(a) == samples(b), (a, b)
worst = max(abs(a["loss"] - b["loss"]) for a, b in zip(whole, other))
assert worst < 1e-4, f"losses differ by {worst}"
print(f"{len(whole)} steps of the same samples and label tokens, losses within {worst:.1e}")
PYTHON
}

"$here/dmt" world --output "$folder/world" >/dev/null
"$cluster" up >/dev/null
trap '"$cluster" down' EXIT
export SLURM_CONF=${DMT_SLURM_DIR:-/tmp/dmt-slurm}/slurm.conf
say "$(sinfo -h -N -o '%N %c CPUs' | tr '\n' ';') $(sbatch --version)"

job=$(submit whole 2)
until_true 240 "the end of the job that nobody disturbs" is_over "$job"
[[ $(state "$job") == COMPLETED ]] || { tail "$folder/whole.log"; die "job $job: $(state "$job")"; }
grep -q "ranks *4, 2 per node" "$folder/whole.log" || die "four ranks"
say "job $job, undisturbed on two nodes: $(grep -c . "$folder/whole/metrics.jsonl") lines of metrics"

until_true 30 "both nodes idle" all_idle
srun --nodes=2 --ntasks-per-node=1 --cpus-per-task=1 --time=5 "$here/dmt" launch --nproc 2 -- train --model "$folder/world/base" \
  --data "math=$folder/world/math_train.jsonl" --output "$folder/launched" max_steps=3 global_train_batch_size=8 threads=1 \
  >"$folder/launched.log" 2>&1 || { tail "$folder/launched.log"; die "dmt launch under srun"; }
grep -q "ranks *4, 2 per node" "$folder/launched.log" || die "four ranks of dmt launch under srun"
say "srun dmt launch, without a word of nodes: $(grep -h "ranks *4" "$folder/launched.log")"

for victim in node2 node1; do
  name=killed-$victim
  until_true 30 "both nodes idle" all_idle
  job=$(submit "$name" 1-2)
  until_true 120 "a checkpoint" has_step "$name" 30
  [[ $(nodes "$job") -eq 2 ]] || die "a job on two nodes, it is on $(nodes "$job")"
  began=$SECONDS
  "$cluster" kill "$victim"
  say "$victim is dead, with two ranks of job $job"
  until_true 120 "job $job queued again" has_restarted "$job"
  until_true 200 "job $job begins again" begins "$job"
  say "queued again after $((SECONDS - began)) s; $(sinfo -h -N -o '%N %T' | tr '\n' ';')"
  until_true 300 "the end of job $job" is_over "$job"
  [[ $(state "$job") == COMPLETED ]] || { tail "$folder/$name.log"; die "job $job: $(state "$job")"; }
  [[ $(nodes "$job") -eq 1 ]] || die "the job on the node that is left"
  say "ended after $((SECONDS - began)) s, on $(nodes "$job") node: $(grep -h "going on after step" "$folder/$name.log" | tail -n 1)"
  compare "$name" || die "the samples of the undisturbed run"
  "$cluster" start "$victim"
  until_true 30 "$victim back" all_idle
done
