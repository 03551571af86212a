#!/usr/bin/env bash
# Many threads call, close and read native objects as they like (HandleStress); prints what was done and refused.
#
# usage: scripts/stress.sh [--sanitize] [--minutes N] [--seed S] [--tests]
#
#   --sanitize    with a native library that watches addresses and undefined behaviour, built in target/sanitize
#   --minutes N   how long (default: 10)
#   --seed S      another course (default: 1)
#   --tests       with --sanitize: the C++ tests first
#
# Needs what ./dmt has built. Exit code: 0 every outcome was right or promised, 1 one was not, or the process died.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,11s/^# \{0,1\}//p' scripts/stress.sh; }
wrong() { echo "stress: $*; see scripts/stress.sh --help" >&2; exit 2; }

sanitize='' minutes=10 seed=1 tests=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) usage; exit 0 ;;
    --sanitize) sanitize=1; shift ;;
    --tests) tests=1; shift ;;
    --minutes | --seed)
      [[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || wrong "$1 needs a number"
      declare "${1#--}=$2"
      shift 2 ;;
    *) wrong "unknown option $1" ;;
  esac
done
[[ -f native/target/lib/libdmt_engine.so && -f cli/target/classpath.txt ]] ||
  wrong "nothing is built here yet; run ./dmt --help"
./mvnw -q -B -pl native,java-api test-compile -DskipTests -Dformat.skip=true >&2

java_home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')
libraries=$PWD/native/target/lib
environment=()

if [[ -n $sanitize ]]; then
  build=$PWD/target/sanitize
  mkdir -p "$build/lib"
  cmake -S native -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" -DDMT_SANITIZE=address,undefined \
    -DDMT_LIBTORCH_LIBS="$libraries" -DDMT_OUTPUT_DIRECTORY="$build/lib" \
    -DDMT_JNI_SOURCES="$PWD/native/target/jni" -DDMT_JAVA_HOME="$java_home" >&2
  ninja -C "$build" dmt_libraries ${tests:+dmt_tests} >&2
  for library in "$libraries"/*; do  # what the instrumented libraries need
    [[ -e $build/lib/${library##*/} ]] || ln "$library" "$build/lib/"
  done
  libraries=$build/lib
  # The JVM handles SIGSEGV itself, and frees nothing at its end.
  environment=(ASAN_OPTIONS=handle_segv=0:allow_user_segv_handler=1:detect_leaks=0:abort_on_error=1
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1)
  # As the build does it, in several processes: tests of resident memory do not stand others before them.
  [[ -z $tests ]] || env "${environment[@]}" ctest --test-dir "$build" --output-on-failure --no-tests=error
  environment+=("LD_PRELOAD=$(c++ -print-file-name=libasan.so) $(c++ -print-file-name=libubsan.so)")
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
env "${environment[@]}" "$java_home/bin/java" -Xmx1g -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 \
  -Dorg.bytedeco.javacpp.noPointerGC=true "-Ddmt.native.path=$libraries" \
  -cp "java-api/target/test-classes:java-api/target/classes:native/target/classes:$(<cli/target/classpath.txt)" \
  ai.dmt.internal.handle.HandleStress "$folder" "$seed" $((minutes * 60))
