#include "tests/bench/hub_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "client-sdk/src/system_random.hpp"
#include "server/hub_folder.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace {

/// The child of this process that has `word` among its arguments; -1: none.
pid_t child_with(const std::string& word) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) {
      std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
      const std::string line{std::istreambuf_iterator<char>(file), {}};
      if (line.find(word) != std::string::npos) return child;
    }
  }
  return -1;
}

void make_certificate(const std::string& folder) {
  const auto made =
      test::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=bench",
                 "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem"});
  if (made.status != 0) fail_assert(made.err.c_str(), __FILE__, __LINE__);
}

}  // namespace

HubProcess::HubProcess(std::string folder, const std::function<void(HubStore&)>& fill)
    : folder_(std::move(folder)) {
  SystemRandom random;
  const auto made = must(HubFolder::create(folder_, harness_schema(), "bench", random));
  hub_ = made.store().identity().id;
  fill(made.store());
}

void HubProcess::serve(bool tls) {
  std::vector<std::string> command{(test::bin_dir() / "doorstepd").string(),
                                   "serve",
                                   "--data",
                                   folder_,
                                   "--json",
                                   "--listen",
                                   "127.0.0.1:0"};
  if (tls) {
    make_certificate(folder_);
    command.insert(command.end(),
                   {"--tls-cert", folder_ + "/cert.pem", "--tls-key", folder_ + "/key.pem"});
  }
  process_ = std::make_unique<test::Process>(test::Process::start(command, folder_ + "/log"));
  url_ = test::Json(process_->read_line().value_or("{}")).text("listening");
  if (url_.empty()) fail_assert("the hub does not serve", __FILE__, __LINE__);
  id_ = child_with(folder_);
}

void HubProcess::stop() {
  process_->signal(SIGTERM);
  process_->wait();
}

std::uint16_t HubProcess::port() const {
  const std::size_t colon = url_.rfind(':') + 1;
  std::uint16_t port = 0;
  std::from_chars(url_.data() + colon, url_.data() + url_.size(), port);
  return port;
}

}  // namespace doorstep::bench
