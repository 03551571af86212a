#!/usr/bin/env bash
# Trains a recipe on 8 or 16 ranks under Slurm, one rank per GPU.
#
# usage: sbatch [--nodes=N] scripts/slurm-33b.sh RECIPE [WORD...]     WORD: what `dmt train` takes after the recipe
#
# Submit from the repository, on a file system that all nodes see. RECIPE's model, data and output are there too.
# 120 s before the time is over each rank is sent SIGTERM: they end their step and save. Should a step and the save take
# longer, raise the number. A job that goes on from checkpoints (--resume) is then queued again; any other would begin
# anew.
#
# Environment:
#   DMT         program to run (default: ./dmt)
#   DMT_RANKS   ranks of each node (default: one per GPU that Slurm gave, 8 if it does not say). Not --ntasks-per-node: by it
#               Slurm fixes the number of ranks, and so of nodes, for all times that the job is queued
#
#SBATCH --job-name=dmt-33b
#SBATCH --nodes=1-2
#SBATCH --exclusive
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=12
#SBATCH --mem=0
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=dmt-33b-%j.log
set -euo pipefail

[[ $# -gt 0 ]] || { echo "usage: sbatch scripts/slurm-33b.sh RECIPE [WORD...]" >&2; exit 2; }
dmt=${DMT:-./dmt}

# Rank 0 is on the first node. Two jobs on it have different ports, below those that Linux gives to clients.
nodes=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
MASTER_ADDR=${nodes%%$'\n'*}
MASTER_PORT=$((10000 + SLURM_JOB_ID % 20000))
export MASTER_ADDR MASTER_PORT
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-${SLURM_CPUS_PER_TASK:-1}}

"$dmt" --version # builds, should that be needed, once and not in each rank

# A rank that has stopped exits with 130 before rank 0 has saved, and must not take it along. Ranks end by themselves
# when one is lost.
# CPUs are said again, since srun does not take them from the job.
status=0
srun --nodes="$SLURM_NNODES" --ntasks-per-node="${DMT_RANKS:-${SLURM_GPUS_ON_NODE:-8}}" ${SLURM_CPUS_PER_TASK:+"--cpus-per-task=$SLURM_CPUS_PER_TASK"} \
  --kill-on-bad-exit=0 --wait=0 --label "$dmt" train "$@" || status=$?

if [[ $status -eq 130 && " $* " == *" --resume"* ]]; then
  echo "dmt stopped in time; the job is queued again"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit $status
