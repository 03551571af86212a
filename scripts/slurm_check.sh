#!/usr/bin/env bash
# Shows a whole study on a real Slurm of two nodes: jobs side by side, processes, jobs and a node killed, cancelled and
# retried, with the results of a study that ran undisturbed on this machine.
#
# usage: scripts/slurm_check.sh [FOLDER]     FOLDER: for the studies, must not be there (default: a temporary one)
#
# Needs what scripts/slurm_cluster.sh needs, and some minutes. Exit status 1 with the first thing that is not as it should be.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/scripts/checks.sh"
cluster=$here/scripts/slurm_cluster.sh
why=$("$cluster" missing) || { echo "slurm_check: $why" >&2; exit 2; }
folder=${1:-$(mktemp -d)/check}
mkdir "$folder"
dmt() { "$here/dmt" "$@"; }

running_nodes() { squeue -h -t R -o %N | sort -u | wc -l; }
on_both_nodes() { [[ $(running_nodes) -eq 2 ]]; }
is_over() { [[ -z $(squeue -h -t PD,R,CG,CF) ]]; }
job_of() { squeue -h -t R -o '%i %j' | awk '$2 != "report" { print $1; exit }'; }
has_job() { [[ -n $(job_of) ]]; }
state_of() { squeue -h -t all -j "$1" -o '%T %N'; }
restarts_of() { scontrol show job -o "$1" | sed 's/.* Restarts=\([0-9]*\).*/\1/'; }
has_restarted() { [[ $(restarts_of "$1") -ge $2 ]]; }
on_node() { squeue -h -t R -w "$1" -o '%i %j' | awk '$2 != "report" { print $1; exit }'; }
has_job_on() { [[ -n $(on_node "$1") ]]; }

say "a study on this machine"
dmt study strategies "${small[@]}" --output "$folder/local" --jobs 1 | tail -n 1

"$cluster" up >/dev/null
trap '"$cluster" down' EXIT
export SLURM_CONF=${DMT_SLURM_DIR:-/tmp/dmt-slurm}/slurm.conf
say "$(sinfo -h -N -o '%N %c CPUs' | tr '\n' ';') $(sbatch --version)"

study=$folder/slurm
dmt study strategies "${small[@]}" --output "$study" --executor slurm | tail -n 1
say "the submitting process is over"
until_true 60 "jobs on both nodes at once" on_both_nodes
say "side by side: $(squeue -h -t R -o '%j on %N' | tr '\n' ';')"

until_true 120 "a stage with its first checkpoint" kill_begun_stage
job=$(sed -n "/\"task\" : \"$key\"/,/}/s/.*\"job\" : \"\([0-9]*\)\".*/\1/p" "$study/jobs/jobs.json")
until_true 60 "job $job queued again after kill -9 of its process" has_restarted "$job" 1
say "kill -9 of the process of job $job: Slurm has queued it again, $(state_of "$job")"

until_true 120 "a running job" has_job
job=$(job_of)
scancel --signal=KILL --full "$job"
until_true 60 "job $job over" test -z "$(squeue -h -t PD,R -j "$job" 2>/dev/null)"
sleep 1
say "scancel --signal=KILL of job $job, script and all: $(state_of "$job")"

dmt study strategies "${small[@]}" --output "$study" --executor slurm | tail -n 1 # a second person starts the same

until_true 120 "a job on node1" has_job_on node1
job=$(on_node node1)
"$cluster" kill node1
say "node1 is dead, with job $job"
until_true 90 "job $job queued again after its node was lost" has_restarted "$job" 1
say "job $job: $(state_of "$job"); $(sinfo -h -N -o '%N %T' | tr '\n' ';')"
dmt study status "$study" | tail -n 1
"$cluster" start node1

until_true 400 "the end of all jobs" is_over
dmt study status "$study"
grep -h "went on after step" "$study"/jobs/*.log || die "a stage that went on from its checkpoint"
cmp "$folder/local/results.json" "$study/results.json" || die "equal results"
say "results.json of both studies: the same bytes"

study=$folder/cancelled
few=(--only "sequential seed 11")
dmt study strategies "${small[@]}" "${few[@]}" --output "$study" --executor slurm | tail -n 1
until_true 60 "a running job" has_job
dmt study cancel "$study"
until_true 60 "no job after cancel" is_over
dmt study status "$study" | tail -n 1
dmt study retry "$study"
until_true 200 "the end of all jobs" is_over
dmt study status "$study" | tail -n 1
dmt study strategies "${small[@]}" "${few[@]}" --output "$folder/few" --jobs 1 | tail -n 1
cmp "$folder/few/results.json" "$study/results.json" || die "equal results after cancel and retry"
say "cancelled and retried: the same bytes again"

dmt study template slurm | sed '2i #SBATCH --partition=nowhere' >"$folder/nowhere.sh"
if dmt study strategies "${small[@]}" "${few[@]}" --output "$folder/refused" --executor slurm \
  --job-template "$folder/nowhere.sh" 2>"$folder/refusal"; then
  die "a refusal"
fi
say "a partition that is not there: $(cat "$folder/refusal")"
