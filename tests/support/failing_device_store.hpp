// A phone's storage of which one call fails. Counts calls, so that a test can let each fail once.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/ports/device_store.hpp"

namespace doorstep::test {

/// Passes everything on to another store, which must outlive it. Not thread-safe.
class FailingDeviceStore final : public DeviceStore {
 public:
  /// The call with this number, from zero, fails with io_error and does nothing.
  FailingDeviceStore(DeviceStore& store, std::size_t failing) : store_(store), left_(failing) {}

  [[nodiscard]] bool has_failed() const { return failed_; }

  [[nodiscard]] const Schema& schema() const override { return store_.schema(); }
  [[nodiscard]] Result<DeviceState> state() override {
    return call<Result<DeviceState>>([&] { return store_.state(); });
  }
  [[nodiscard]] Result<Push> outbox(Sequence after, std::size_t bytes_max) override {
    return call<Result<Push>>([&] { return store_.outbox(after, bytes_max); });
  }
  [[nodiscard]] Status acknowledge(const Ack& ack) override {
    return call<Status>([&] { return store_.acknowledge(ack); });
  }
  [[nodiscard]] Result<std::optional<Salvage>> salvage() override {
    return call<Result<std::optional<Salvage>>>([&] { return store_.salvage(); });
  }
  [[nodiscard]] Status salvaged(const Salvaged& confirmed) override {
    return call<Status>([&] { return store_.salvaged(confirmed); });
  }
  [[nodiscard]] Result<std::vector<BucketSums>> bucket_sums() override {
    return call<Result<std::vector<BucketSums>>>([&] { return store_.bucket_sums(); });
  }
  [[nodiscard]] Result<Compared> compare(const Compare& asked) override {
    return call<Result<Compared>>([&] { return store_.compare(asked); });
  }
  [[nodiscard]] Result<std::optional<Healed>> heal_report() override {
    return call<Result<std::optional<Healed>>>([&] { return store_.heal_report(); });
  }
  [[nodiscard]] Status heal_noted(const HealNoted& noted) override {
    return call<Status>([&] { return store_.heal_noted(noted); });
  }
  [[nodiscard]] Status stage(Changes changes) override {
    return call<Status>([&] { return store_.stage(std::move(changes)); });
  }
  [[nodiscard]] Result<Applied> apply(Changes changes) override {
    return call<Result<Applied>>([&] { return store_.apply(std::move(changes)); });
  }
  [[nodiscard]] Result<Hash> digests_held() override {
    return call<Result<Hash>>([&] { return store_.digests_held(); });
  }
  [[nodiscard]] Status drop_staged() override {
    return call<Status>([&] { return store_.drop_staged(); });
  }
  [[nodiscard]] Status note_welcome(const Welcome& welcome, const ClockProbe& at) override {
    return call<Status>([&] { return store_.note_welcome(welcome, at); });
  }
  [[nodiscard]] Status note_restored(const Restored& restored) override {
    return call<Status>([&] { return store_.note_restored(restored); });
  }
  [[nodiscard]] Status remember_successor(const Successor& successor) override {
    return call<Status>([&] { return store_.remember_successor(successor); });
  }
  [[nodiscard]] Result<bool> become_successor() override {
    return call<Result<bool>>([&] { return store_.become_successor(); });
  }

 private:
  template <class Answer, class Call>
  [[nodiscard]] Answer call(const Call& pass_on) {
    if (failed_ || left_-- > 0) return pass_on();
    failed_ = true;
    return error(ErrorCode::io_error, "the storage failed once");
  }

  DeviceStore& store_;
  std::size_t left_;
  bool failed_ = false;
};

}  // namespace doorstep::test
