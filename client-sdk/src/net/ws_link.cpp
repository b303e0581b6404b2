#include "client-sdk/src/net/ws_link.hpp"

#include "engine/core/limits.hpp"

namespace doorstep {

Status run_link(const HubUrl& url, const std::string& caller, LinkDriver& driver,
                LinkControl& control, LinkBytes& bytes) {
  const SocketLimits bounds{limits::handshake_ms_max, limits::answer_ms_max,
                            limits::frame_bytes_max};
  const SocketEnd end =
      run_socket({url.tls, url.host, url.port, url.path, caller}, bounds, driver, control, bytes);
  switch (end.kind) {
    case SocketEnd::Kind::closed:
      return {};
    case SocketEnd::Kind::unreachable:
      return error(ErrorCode::unreachable, end.what);
    case SocketEnd::Kind::tls_failed:
      return error(ErrorCode::tls_failed, end.what);
    case SocketEnd::Kind::lost:
      return error(ErrorCode::link_lost, end.what);
    case SocketEnd::Kind::timeout:
      return error(ErrorCode::timeout);
  }
  return {};
}

}  // namespace doorstep
