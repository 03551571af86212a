// A library of its own, which a JVM loads before all others: see environment.h.
#include "environment/environment.h"

namespace {
__attribute__((constructor)) void on_load() {
  dmt::set_environment();
}
}  // namespace
