#include "tests/bench/township.hpp"

#include <fmt/format.h>

#include <vector>

#include "engine/core/assert.hpp"
#include "tests/bench/certificate.hpp"
#include "tests/bench/processor_time.hpp"

namespace doorstep::bench {
std::string LinkKind::text() const {
  std::string said;
  if (one_way_ms > 0) said += fmt::format(", {} ms each way", one_way_ms);
  if (tls) said += ", TLS";
  return said;
}

Township::Township(const Workload& workload, bool tls)
    : folder_("bench"), hub_(folder_.file("hub"), workload.schema_file) {
  std::vector<std::string> more;
  if (tls) more = make_certificate(folder_.path());
  hub_.serve(more);
  process_ = child_process_with(hub_.folder());
}

std::string Township::phone(const std::string& name) const {
  const test::Phone phone(folder_.file(name + ".db"), name);
  const test::Finished enrolled = phone.enrol(hub_);
  if (enrolled.status != 0) fail_assert(enrolled.err.c_str(), __FILE__, __LINE__);
  return phone.file();
}

double Township::processor_seconds() const { return bench::processor_seconds(process_); }

void Township::back_up() const {
  const test::Finished done = hub_.command({"backup", file("backup.db")});
  if (done.status != 0) fail_assert(done.err.c_str(), __FILE__, __LINE__);
}

std::string Township::stopped() {
  hub_.stop();
  return hub_.database();
}

}  // namespace doorstep::bench
