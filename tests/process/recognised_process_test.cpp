// A quiet phone and the hub that remembers it: real programs, real sockets, counted bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

// 149, and more where the disk has much room or the hub has just made a commit.
constexpr std::int64_t few_bytes = 160;

std::int64_t bytes_of(const Phone& phone) {
  const Finished synced = phone.command({"sync", "--json"});
  REQUIRE_MESSAGE(synced.status == 0, synced.err);
  const Json last = json_lines(synced.out).back();
  CHECK(last.boolean("up_to_date"));
  return last.number("bytes_sent") + last.number("bytes_received");
}

}  // namespace

TEST_CASE("a phone without news is recognised by its call, on ws:// and on wss://") {
  const ScratchFolder folder("recognised");
  REQUIRE(run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder.file("key.pem"), "-out",
               folder.file("cert.pem"), "-subj", "/CN=township", "-days", "30"})
              .status == 0);
  const std::vector<std::string> with_tls{"--tls-cert", folder.file("cert.pem"), "--tls-key",
                                          folder.file("key.pem")};
  for (const bool tls : {false, true}) {
    const std::string name = tls ? "tls" : "plain";
    TownshipHub hub(folder.file(name));
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    const auto serve = [&] { tls ? hub.serve(with_tls) : hub.serve(); };
    serve();
    const Phone wang(folder.file(name + ".db"), "Wang");
    REQUIRE(wang.enrol(hub).status == 0);
    for (int call = 0; call < 2; ++call) REQUIRE(wang.sync().status == 0);
    // The hub may hear that a connection is over after the next has begun.
    const std::int64_t few = std::min({bytes_of(wang), bytes_of(wang), bytes_of(wang)});
    CHECK(few <= few_bytes);
    hub.stop();
    serve();  // it has forgotten
    CHECK(bytes_of(wang) > 400);
    CHECK(std::min({bytes_of(wang), bytes_of(wang), bytes_of(wang)}) <= few_bytes);
    hub.stop();
  }
}
