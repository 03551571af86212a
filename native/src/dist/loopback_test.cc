#include "dmt/loopback.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/expect_error.h"

namespace dmt::loopback_test {
namespace {

constexpr in_addr_t kOtherHost = INADDR_LOOPBACK + 1;  // 127.0.0.2 is this machine too, and another address

sockaddr_in address_of(in_addr_t host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

// A port that was free a moment ago.
uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = address_of(INADDR_LOOPBACK, 0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

bool answers(in_addr_t host, uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = address_of(host, port);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return connected;
}

TEST(Loopback, AnswersAtItsOwnAddressAlone) {
  const uint16_t port = free_port();
  const int fd = listen_on_loopback(port);
  EXPECT_TRUE(answers(INADDR_LOOPBACK, port));
  EXPECT_FALSE(answers(kOtherHost, port));
  ::close(fd);
}

TEST(Loopback, APortThatIsTakenIsNamed) {
  const uint16_t port = free_port();
  const int fd = listen_on_loopback(port);
  EXPECT_ERROR(listen_on_loopback(port), concat("port ", port, " of 127.0.0.1 is already in use"));
  ::close(fd);
}

TEST(Loopback, RefusesWhatIsNoPort) {
  EXPECT_ERROR(listen_on_loopback(0), "port 0 must be in [1, 65535]");
  EXPECT_ERROR(listen_on_loopback(65536), "port 65536 must be in [1, 65535]");
}

}  // namespace
}  // namespace dmt::loopback_test
