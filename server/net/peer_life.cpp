#include "server/net/peer_life.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace doorstep {

std::int64_t quiet_ms(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return std::min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv);
}

}  // namespace doorstep
