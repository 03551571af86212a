#!/bin/bash
# Reads mutants of files: scripts/fuzz.sh [MUTANTS] [TESTS]; MUTANTS of each reader (default 5000), TESTS a pattern
# of test classes (default every *FuzzTest, and the templates' in JinjaBoundsTest). SEED is read from the environment
# (default: the day).
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seed=${SEED:-$(date +%Y%m%d)}
echo "seed $seed"
exec ./mvnw -q -B test -Dtest="${2:-*FuzzTest,JinjaBoundsTest#mutated*}" -Dsurefire.failIfNoSpecifiedTests=false \
  -Ddmt.fuzz.mutants="${1:-5000}" -Ddmt.fuzz.seed="$seed" -Dnative.skipTests=true
