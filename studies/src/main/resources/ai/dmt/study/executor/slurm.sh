#!/bin/bash
# A job of a study: one stage that is trained, one model that is scored, or the report at the end.
# Change what your site needs, such as partition, account or modules, and give the file to --job-template.
# Names in double braces are filled in. A line of #SBATCH whose value is not known for a job is left out.
#SBATCH --job-name={{name}}
#SBATCH --output={{log}}
#SBATCH --open-mode=append
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{cpus}}
#SBATCH --mem={{memory_mb}}M
#SBATCH --gpus={{gpus}}
#SBATCH --time={{minutes}}
#SBATCH --requeue
#SBATCH --signal=B:TERM@120

export LC_ALL=C.UTF-8 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS={{cpus}} {{environment}}
cd {{folder}} || exit 1
echo "$(date -u +%FT%TZ) job ${SLURM_JOB_ID:-?} on $(hostname), try $((${SLURM_RESTART_COUNT:-0} + 1))"

# SIGTERM says that the time is nearly over or that the job is preempted: a stage then writes a checkpoint and ends.
child=
trap '[ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
{{command}} &
child=$!
status=0
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break # else a signal ended the wait
done

# Killed, stopped or out of memory: again, from its checkpoint. What fails by itself fails again, and ends here; so does a
# job that somebody has cancelled, which runs no more for Slurm.
runs() { scontrol show job -o "$SLURM_JOB_ID" | grep -q ' JobState=RUNNING '; }
if [ "$status" -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt {{retries}} ] && runs; then
  echo "$(date -u +%FT%TZ) ended with $status; the job is queued again"
  scontrol requeue "$SLURM_JOB_ID" && sleep 60 # Slurm ends this process
fi
exit "$status"
