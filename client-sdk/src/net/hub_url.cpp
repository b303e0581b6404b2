#include "client-sdk/src/net/hub_url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace doorstep {
namespace {

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(host, failure);
  return !failure && address.is_loopback();
}

}  // namespace

Result<HubUrl> parse_hub_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed || (parsed->scheme() != "ws" && parsed->scheme() != "wss") ||
      parsed->host().empty()) {
    return error(ErrorCode::usage, "the hub's address must look like wss://host:port, not '" +
                                       std::string(text) + "'");
  }
  HubUrl url;
  url.tls = parsed->scheme() == "wss";
  url.host = parsed->host_address();
  url.port = parsed->has_port() ? std::string(parsed->port()) : (url.tls ? "443" : "80");
  if (!parsed->encoded_path().empty()) url.path = std::string(parsed->encoded_path());
  if (!url.tls && !is_loopback(url.host)) {
    return error(ErrorCode::usage,
                 "plain ws:// is for this machine only; use wss:// for " + url.host);
  }
  return url;
}

}  // namespace doorstep
