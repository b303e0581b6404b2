#include "tests/bench/fleet.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

constexpr int patience_ms = 120'000;

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

struct Fleet::Slot {
  CallingDevice device;
  std::size_t number = 0;
  bool live = false;
  bool counted = true;   // as one under way
  bool writing = false;  // the socket is watched for room to write
};

Fleet::Fleet(const HubProcess& hub, const Schema& schema, bool tls)
    : hub_(hub), schema_(schema), with_tls_(tls), events_(::epoll_create1(EPOLL_CLOEXEC)) {}

Fleet::~Fleet() { ::close(events_); }

void Fleet::begin(Call call, std::size_t number) {
  const bool live = call.live;
  TlsClients* const tls = with_tls_ ? &tls_ : nullptr;
  slots_[number] = std::make_unique<Slot>(
      Slot{CallingDevice(hub_.port(), tls, hub_.hub(), schema_, std::move(call)), number, live});
  Slot& slot = *slots_[number];
  slot.device.result().began_s = seconds_since(began_);
  slot.writing = true;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = &slot;
  ::epoll_ctl(events_, EPOLL_CTL_ADD, slot.device.stream().socket(), &event);
  ++open_;
}

void Fleet::watch(Slot& slot) {
  if (slot.writing == slot.device.stream().wants_to_write()) return;
  slot.writing = !slot.writing;
  epoll_event event{};
  event.events = slot.writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &slot;
  ::epoll_ctl(events_, EPOLL_CTL_MOD, slot.device.stream().socket(), &event);
}

void Fleet::serve_once() {
  std::array<epoll_event, 256> ready{};
  const int count =
      ::epoll_wait(events_, ready.data(), static_cast<int>(ready.size()), patience_ms);
  if (count == 0) fail_assert("the hub says nothing any more", __FILE__, __LINE__);
  for (int i = 0; i < count; ++i) {
    step(*static_cast<Slot*>(ready[static_cast<std::size_t>(i)].data.ptr));
  }
}

void Fleet::step(Slot& slot) {
  slot.device.step();
  if (slot.counted && slot.device.done()) {
    slot.device.result().ended_s = seconds_since(began_);
    results_[slot.number] = slot.device.result();
    slot.counted = false;
    --open_;
    if (!slot.live) {
      slots_[slot.number].reset();  // hangs up
      return;
    }
  }
  if (slot.device.stream().lost()) {
    ::epoll_ctl(events_, EPOLL_CTL_DEL, slot.device.stream().socket(), nullptr);
  } else {
    watch(slot);
  }
}

std::vector<CallResult> Fleet::call(std::vector<Call> calls, std::size_t at_once) {
  slots_.clear();
  slots_.resize(calls.size());
  results_.assign(calls.size(), {});
  open_ = 0;
  began_ = std::chrono::steady_clock::now();
  for (std::size_t next = 0; next < calls.size() || open_ > 0;) {
    if (next < calls.size() && open_ < at_once) {
      const bool live = calls[next].live;
      begin(std::move(calls[next]), next);
      ++next;
      if (!live) continue;
    }
    serve_once();
  }
  return std::exchange(results_, {});
}

void must_all_have_ended(const std::vector<CallResult>& results) {
  for (const CallResult& result : results) {
    if (!result.failure.empty()) fail_assert(result.failure.c_str(), __FILE__, __LINE__);
  }
}

}  // namespace doorstep::bench
