#!/usr/bin/env bash
# Formats Java (google-java-format) and C++ (clang-format 16); with --check says what is not formatted and
# changes nothing. --cpp and --java limit it to one of them. Another clang-format would format otherwise: without
# version 16 C++ is not checked. --has-clang-format tells by the exit code alone whether it is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=false cpp=true java=true
clang_format=
for name in clang-format-16 clang-format; do
  if [[ $("$name" --version 2>/dev/null) == *" version 16."* ]]; then
    clang_format=$name
    break
  fi
done
for argument in "$@"; do
  case $argument in
    --check) check=true ;;
    --cpp) java=false ;;
    --java) cpp=false ;;
    --has-clang-format) [[ -n $clang_format ]]; exit ;;
    *) echo "usage: scripts/format.sh [--check] [--cpp | --java]" >&2; exit 2 ;;
  esac
done
status=0

if $cpp && [[ -z $clang_format ]]; then
  $check || { echo "format: clang-format 16 is missing (package clang-format-16)" >&2; exit 2; }
  echo "format: the check of C++ files is skipped: clang-format 16 is not on this machine" >&2
elif $cpp; then
  mapfile -d '' files < <(find native/include native/src native/bench \
    \( -name '*.h' -o -name '*.cpp' -o -name '*.cc' -o -name '*.cu' -o -name '*.cuh' \) -print0 2>/dev/null | sort -z)
  if $check; then
    for file in "${files[@]}"; do
      if ! "$clang_format" --style=file "$file" | cmp -s - "$file"; then
        echo "format: $file is not formatted" >&2
        status=1
      fi
    done
  else
    "$clang_format" --style=file -i "${files[@]}"
  fi
fi

if $java; then
  goal=format
  ! $check || goal=check
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! ${DMT_MVN:-./mvnw} -B -ntp -q "com.spotify.fmt:fmt-maven-plugin:$goal" >"$log" 2>&1; then
    if grep -q 'Found .* non-complying' "$log"; then
      { grep -E 'Non complying file' "$log" || cat "$log"; } |
        sed -e "s|.*Non complying file: ||" -e "s|^$PWD/||" -e 's|.*|format: & is not formatted|' >&2
    else
      cat "$log" >&2
    fi
    status=1
  fi
fi

[[ $status -eq 0 ]] || echo "format: run scripts/format.sh" >&2
exit $status
