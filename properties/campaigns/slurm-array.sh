#!/bin/bash
# A campaign as a Slurm array job: each task does one part of the cases, and goes on where it stopped when it is requeued.
#
#   sbatch --array=1-8 --export=ALL,FOLIOCHECK_DLL=/path/to/foliocheck.dll,CAMPAIGN=/path/to/results slurm-array.sh
#
# When all tasks have ended:  dotnet foliocheck.dll merge CAMPAIGN/shard-*.json
#SBATCH --job-name=foliocheck
#SBATCH --cpus-per-task=2
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@60
set -u
: "${FOLIOCHECK_DLL:?the built foliocheck.dll}" "${CAMPAIGN:?folder for the results}"
seed=${SEED:-1}
cases=${CASES:-1000000}
mkdir -p "$CAMPAIGN"
# exec: the signal that announces the end of the time limit reaches the program itself, which then writes its checkpoint and a summary.
exec dotnet "$FOLIOCHECK_DLL" check --seed "$seed" --cases "$cases" --shard auto --workers "${SLURM_CPUS_PER_TASK:-1}" \
  --checkpoint "$CAMPAIGN/shard-$SLURM_ARRAY_TASK_ID.checkpoint" --json "$CAMPAIGN/shard-$SLURM_ARRAY_TASK_ID.json" --save "$CAMPAIGN"
