#!/usr/bin/env bash
# How a job of Slurm is doing, in Snakemake's words: status.sh JOB. squeue knows a job for some minutes after its end (MinJobAge); then accounting, if there is any.
set -uo pipefail
state=$(squeue --noheader --states all --jobs "$1" --format %T 2>/dev/null | head -n 1)
[ -n "$state" ] || state=$(scontrol show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | head -n 1 | cut -d= -f2)
[ -n "$state" ] || state=$(sacct --noheader --parsable2 --allocations --jobs "$1" --format State 2>/dev/null | head -n 1 | cut -d' ' -f1)
case $state in
  COMPLETED) echo success ;;
  BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT) echo failed ;;
  # Waiting, running, queued again after a lost node; or not known at this moment.
  *) echo running ;;
esac
