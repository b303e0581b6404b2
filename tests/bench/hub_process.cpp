#include "tests/bench/hub_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <utility>
#include <vector>

#include "client-sdk/src/system_random.hpp"
#include "server/hub_folder.hpp"
#include "tests/bench/certificate.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {

HubProcess::HubProcess(std::string folder, const std::function<void(HubStore&)>& fill)
    : folder_(std::move(folder)) {
  SystemRandom random;
  const auto made = must(HubFolder::create(folder_, harness_schema(), "bench", random));
  hub_ = made.store().identity().id;
  key_ = made.store().identity().keys.public_key;
  fill(made.store());
}

HubProcess::HubProcess(std::string folder) : folder_(std::move(folder)) {
  const auto made = must(HubFolder::open(folder_));
  hub_ = made.store().identity().id;
  key_ = made.store().identity().keys.public_key;
}

void HubProcess::serve(bool tls) {
  // When the bench aborts, no destructor ends the hub.
  std::vector<std::string> command{
      "setpriv",  "--pdeathsig", "KILL",  (test::bin_dir() / "doorstepd").string(),
      "serve",    "--data",      folder_, "--json",
      "--listen", "127.0.0.1:0"};
  if (tls) {
    for (std::string& option : make_certificate(folder_)) command.push_back(std::move(option));
  }
  process_ = std::make_unique<test::Process>(test::Process::start(command, folder_ + "/log"));
  url_ = test::Json(process_->read_line().value_or("{}")).text("listening");
  if (url_.empty()) fail_assert("the hub does not serve", __FILE__, __LINE__);
  id_ = child_process_with(folder_);
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
