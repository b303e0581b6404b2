#include "tests/bench/certificate.hpp"

#include "engine/core/assert.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {

std::vector<std::string> make_certificate(const std::string& folder) {
  const std::string key = folder + "/key.pem";
  const std::string certificate = folder + "/cert.pem";
  const test::Finished made = test::run(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
       "-nodes", "-days", "2", "-subj", "/CN=bench", "-keyout", key, "-out", certificate});
  if (made.status != 0) fail_assert(made.err.c_str(), __FILE__, __LINE__);
  return {"--tls-cert", certificate, "--tls-key", key};
}

}  // namespace doorstep::bench
