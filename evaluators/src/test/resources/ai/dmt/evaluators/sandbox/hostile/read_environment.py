# outcome: failed: AssertionError: \['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PWD'\]
import os

assert not os.environ, sorted(os.environ)
