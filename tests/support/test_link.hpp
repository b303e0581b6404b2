// One connection between a phone and the hub of a SyncWorld. Deterministic: what is under way
// stands in three queues (frames up, frames down, work of the hub), and run() takes them in a fixed
// order.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/wire/message.hpp"
#include "tests/support/sync_world.hpp"

namespace doorstep::test {

struct LinkOptions {
  bool live = false;
  std::size_t rows_max = limits::changes_rows_max;
  int compression_level = 3;
  std::optional<std::size_t> cut_after;  ///< frames delivered before the link is cut
  /// Bytes carried, both ways, before it is cut: what is left of a frame then is lost.
  std::optional<std::uint64_t> cut_after_bytes = std::nullopt;
  Sequence sent_before = {};
  std::optional<std::uint64_t> bytes_max = std::nullopt;
  bool says_who_calls = false;  ///< so that the hub may remember the phone
  bool slow_radio = false;      ///< the phone's next push is made when sent() says so, not at once
};

class TestLink {
 public:
  using Task = std::function<void()>;
  enum class Kind { merge, read };
  struct HubTask {
    Kind kind = Kind::read;
    Task run;
  };

  TestLink(SyncWorld& world, Phone& phone, LinkOptions options = {});
  /// The phone's clocks with another store: a replica file.
  TestLink(SyncWorld& world, Phone& phone, DeviceStore& store, LinkOptions options = {});

  /// The oldest frame up; false when there is none or the link is gone.
  bool deliver_up();
  bool deliver_down();
  /// The hub's oldest piece of work.
  bool work();
  /// The oldest piece of work of one kind only.
  bool work(Kind kind);
  /// Everything until nothing is under way; frames up first, then work, then frames down.
  void run();
  /// Takes whatever is under way in an order drawn from `random`.
  void run_in_any_order(Random& random);

  void local_commit();
  void sent();  ///< what the phone has said so far is on its way
  void stop();
  void committed();  ///< tells the hub's session that somebody committed
  /// As when the hub hears while this link is open that somebody wants the phone compared.
  void ask_comparison(std::uint64_t number);
  void cut();                   ///< both ends lose the connection
  void to_hub(Bytes frame);     ///< as if the phone had sent it
  void to_device(Bytes frame);  ///< as if the hub had sent it
  void hub_step(const HubInput& input);
  void device_step(const DeviceInput& input);

  [[nodiscard]] bool gone() const { return was_cut || (device_closed && hub_closed); }

  // What was seen.
  std::size_t delivered = 0;  ///< frames, both ways
  std::size_t work_done = 0;
  bool device_closed = false;
  bool hub_closed = false;
  bool was_cut = false;
  bool up_to_date = false;
  bool come_again = false;
  std::optional<device_effect::BudgetUsed> budget_used;
  std::optional<device_effect::HubRestored> hub_restored;
  std::size_t up_to_date_count = 0;
  std::optional<Error> device_error;
  std::optional<Error> hub_error;
  std::optional<std::int64_t> retry_after_ms;
  std::vector<Ack> acks;
  std::vector<Applied> applied;
  std::vector<SyncProgress> progress;
  std::vector<Message> said_by_hub;  ///< decoded as they leave
  std::vector<Message> said_by_device;
  std::vector<std::pair<Message, std::uint64_t>> carried;  ///< whole frames, with their bytes
  std::uint64_t bytes_carried = 0;                         ///< on the wire, with parts of frames
  [[nodiscard]] const Traffic& traffic() const { return device_->traffic(); }
  [[nodiscard]] Sequence sent_through() const { return device_->sent_through(); }
  std::function<void(const Message&)> on_device_message;  ///< before it is delivered to the hub

 private:
  void take(std::vector<DeviceEffect> effects);
  void take(std::vector<HubEffect> effects);
  void take_hub(const HubEffect& effect);
  void compare(const ComparisonQuestion& question);
  /// False: the link broke in the middle of it.
  bool carry(FrameDecoder& meter, const Bytes& frame, Way way);
  void count_delivery();

  SyncWorld& world_;
  LinkOptions options_;
  std::uint64_t connection_ = 0;
  std::unique_ptr<DeviceSession> device_;
  std::unique_ptr<HubSession> hub_;
  FrameDecoder spy_up_;
  FrameDecoder spy_down_;
  std::deque<Bytes> up_;
  std::deque<Bytes> down_;
  FrameDecoder meter_up_;
  FrameDecoder meter_down_;
  std::deque<HubTask> tasks_;
};

/// One connection from start to end; asserts nothing.
TestLink sync(SyncWorld& world, Phone& phone, LinkOptions options = {});
/// As many connections as the phone asks for at once: a copy goes on as its successor.
TestLink sync_as_copy(SyncWorld& world, Phone& phone);
/// Syncs all phones in turn until none has anything left to say or hear.
void settle(SyncWorld& world);

}  // namespace doorstep::test
