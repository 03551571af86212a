/// A part of the facade: see engine.h.
#pragma once

#include <cstdint>

namespace dmt {

/// Opens a TCP socket that listens at 127.0.0.1 alone, so that nobody outside this machine reaches it.
/// @param port in [1, 65535]
/// @return its descriptor, the caller's to close or to hand on
int32_t listen_on_loopback(int32_t port);

}  // namespace dmt
