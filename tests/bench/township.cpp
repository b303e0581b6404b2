#include "tests/bench/township.hpp"

#include <fmt/format.h>

#include <vector>

#include "engine/core/assert.hpp"

namespace doorstep::bench {
namespace {

void make_certificate(const std::string& certificate, const std::string& key) {
  const test::Finished made = test::run(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
       "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=township", "-days", "30"});
  if (made.status != 0) fail_assert(made.err.c_str(), __FILE__, __LINE__);
}

}  // namespace

std::string LinkKind::text() const {
  std::string said;
  if (one_way_ms > 0) said += fmt::format(", {} ms each way", one_way_ms);
  if (tls) said += ", TLS";
  return said;
}

Township::Township(const Workload& workload, bool tls)
    : folder_("bench"), hub_(folder_.file("hub"), workload.schema_file) {
  std::vector<std::string> more;
  if (tls) {
    make_certificate(folder_.file("cert.pem"), folder_.file("key.pem"));
    more = {"--tls-cert", folder_.file("cert.pem"), "--tls-key", folder_.file("key.pem")};
  }
  hub_.serve(more);
}

std::string Township::phone(const std::string& name) const {
  const test::Phone phone(folder_.file(name + ".db"), name);
  const test::Finished enrolled = phone.enrol(hub_);
  if (enrolled.status != 0) fail_assert(enrolled.err.c_str(), __FILE__, __LINE__);
  return phone.file();
}

std::string Township::stopped() {
  hub_.stop();
  return hub_.database();
}

}  // namespace doorstep::bench
