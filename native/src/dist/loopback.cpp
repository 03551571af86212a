#include "dmt/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace dmt {

int32_t listen_on_loopback(int32_t port) {
  DMT_CHECK(port > 0 && port <= UINT16_MAX, "port ", port, " must be in [1, ", UINT16_MAX, "]");
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  DMT_CHECK(fd >= 0, "no TCP socket can be opened: ", std::strerror(errno));
  // Connections of an earlier run that linger at the port do not keep it. A socket that listens does.
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    close(fd);
    DMT_CHECK(error != EADDRINUSE, "port ", port, " of 127.0.0.1 is already in use");
    fail("port ", port, " of 127.0.0.1 cannot be listened at: ", std::strerror(error));
  }
  return fd;
}

}  // namespace dmt
