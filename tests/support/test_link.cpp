#include "tests/support/test_link.hpp"

#include <algorithm>
#include <utility>

#include "engine/session/begin_epoch.hpp"
#include "engine/session/device_hello.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/session/note_healed.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep::test {

TestLink::TestLink(SyncWorld& world, Phone& phone, LinkOptions options)
    : TestLink(world, phone, *phone.store, options) {}

TestLink::TestLink(SyncWorld& world, Phone& phone, DeviceStore& store, LinkOptions options)
    : world_(world), options_(options) {
  DeviceSession::Options device_options;
  device_options.live = options.live;
  device_options.sent_before = options.sent_before;
  device_options.marked_before = phone.push_mark;
  device_options.keep_mark = [&phone](Sequence through) {
    phone.push_mark = through;
    return Status();
  };
  device_options.bytes_max = options.bytes_max;
  device_options.compression_level = options.compression_level;
  device_options.read_clocks = [&world, &phone] { return world.clocks(phone); };
  device_options.new_identity = [&world] {
    return Successor{world.random.id<DeviceId>(), key_pair_of(world.random.id<Nonce>())};
  };
  if (options.says_who_calls) {
    device_options.calling = calling_now(store, device_options, world.random.id<Nonce>()).value();
  }
  device_ = std::make_unique<DeviceSession>(store, world.log, device_options);
  HubSession::Options hub_options = world.hub_options();
  hub_options.compression_level = options.compression_level;
  hub_options.changes_rows_max = options.rows_max;
  if (options.says_who_calls) {
    const Caller caller = *read_caller(text_of(device_options.calling->caller));
    if (auto parting = world.partings.of(caller.name)) {
      hub_options.recognised = Recognised{caller, *std::move(parting), world.random.id<Nonce>()};
    }
  }
  connection_ = ++world.connections;
  hub_ = std::make_unique<HubSession>(world.log, hub_options);
  hub_step(hub_input::Connected{});
}

void TestLink::hub_step(const HubInput& input) {
  if (!was_cut && !hub_closed) take(hub_->step(world_.now, input));
}

void TestLink::device_step(const DeviceInput& input) {
  if (!was_cut && !device_closed) take(device_->step(world_.now, input));
}

bool TestLink::carry(FrameDecoder& meter, const Bytes& frame, Way way) {
  const std::uint64_t bytes = bytes_on_wire(frame.size(), way);
  if (options_.cut_after_bytes && bytes_carried + bytes > *options_.cut_after_bytes) {
    bytes_carried = *options_.cut_after_bytes;
    cut();
    return false;
  }
  bytes_carried += bytes;
  const auto plain = meter.decode(frame);
  if (const auto message = plain ? decode(*plain) : Result<Message>(plain.error())) {
    if (std::holds_alternative<Push>(*message)) meter_down_.said(*plain);
    carried.emplace_back(*message, bytes);
  }
  return true;
}

void TestLink::count_delivery() {
  ++delivered;
  if (options_.cut_after && delivered >= *options_.cut_after) cut();
}

bool TestLink::deliver_up() {
  if (was_cut || hub_closed || up_.empty()) return false;
  const Bytes frame = std::move(up_.front());
  up_.pop_front();
  if (!carry(meter_up_, frame, Way::up)) return false;
  hub_step(hub_input::Frame{frame});
  count_delivery();
  return true;
}

bool TestLink::deliver_down() {
  if (was_cut || device_closed || down_.empty()) return false;
  const Bytes frame = std::move(down_.front());
  down_.pop_front();
  if (!carry(meter_down_, frame, Way::down)) return false;
  device_step(device_input::Frame{frame});
  count_delivery();
  return true;
}

bool TestLink::work() {
  if (tasks_.empty()) return false;
  const HubTask task = std::move(tasks_.front());
  tasks_.pop_front();
  task.run();
  ++work_done;
  return true;
}

bool TestLink::work(Kind kind) {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                  [&](const HubTask& task) { return task.kind == kind; });
  if (found == tasks_.end()) return false;
  const HubTask task = std::move(*found);
  tasks_.erase(found);
  task.run();
  ++work_done;
  return true;
}

void TestLink::run() {
  while (deliver_up() || work() || deliver_down()) {
  }
}

void TestLink::run_in_any_order(Random& random) {
  for (;;) {
    const std::uint64_t first = random.below(3);
    bool moved = false;
    for (std::uint64_t i = 0; i < 3 && !moved; ++i) {
      const std::uint64_t choice = (first + i) % 3;
      moved = choice == 0 ? deliver_up() : choice == 1 ? deliver_down() : work();
    }
    if (!moved) return;
  }
}

void TestLink::local_commit() { device_step(device_input::LocalCommit{}); }
void TestLink::sent() { device_step(device_input::Sent{}); }
void TestLink::stop() { device_step(device_input::Stop{}); }
void TestLink::committed() { hub_step(hub_input::Committed{world_.head()}); }
void TestLink::to_hub(Bytes frame) { up_.push_back(std::move(frame)); }
void TestLink::to_device(Bytes frame) { down_.push_back(std::move(frame)); }

// Frames under way are lost; what the hub has begun it finishes.
void TestLink::cut() {
  was_cut = true;
  up_.clear();
  down_.clear();
}

void TestLink::take(std::vector<DeviceEffect> effects) {
  bool more = false;
  for (DeviceEffect& effect : effects) {
    if (auto* frame = std::get_if<device_effect::SendFrame>(&effect)) {
      const Bytes plain = spy_up_.decode(frame->bytes).value();
      said_by_device.push_back(decode(plain).value());
      if (std::holds_alternative<Push>(said_by_device.back())) spy_down_.said(plain);
      up_.push_back(std::move(frame->bytes));
    } else if (std::holds_alternative<device_effect::MoreToSend>(effect)) {
      more = true;
    } else if (auto* ack = std::get_if<device_effect::Acknowledged>(&effect)) {
      acks.push_back(ack->ack);
    } else if (auto* done = std::get_if<device_effect::CheckpointApplied>(&effect)) {
      applied.push_back(done->applied);
    } else if (auto* seen = std::get_if<device_effect::Progress>(&effect)) {
      progress.push_back(seen->progress);
    } else if (auto* retry = std::get_if<device_effect::RetryAfter>(&effect)) {
      retry_after_ms = retry->ms;
    } else if (std::holds_alternative<device_effect::UpToDate>(effect)) {
      up_to_date = true;
      ++up_to_date_count;
    } else if (auto* used = std::get_if<device_effect::BudgetUsed>(&effect)) {
      budget_used = *used;
    } else if (auto* lost = std::get_if<device_effect::HubRestored>(&effect)) {
      hub_restored = *lost;
    } else if (std::holds_alternative<device_effect::ComeAgain>(effect)) {
      come_again = true;
    } else if (auto* close = std::get_if<device_effect::Close>(&effect)) {
      device_closed = true;
      device_error = close->error;
      if (auto parting = hub_->parting())
        world_.partings.keep(world_.hub->identity().keys, connection_, *std::move(parting));
    }
  }
  if (more && !options_.slow_radio) sent();
}

void TestLink::take(std::vector<HubEffect> effects) {
  for (HubEffect& effect : effects) {
    if (auto* frame = std::get_if<hub_effect::SendFrame>(&effect)) {
      said_by_hub.push_back(decode(spy_down_.decode(frame->bytes).value()).value());
      down_.push_back(std::move(frame->bytes));
    } else if (auto* close = std::get_if<hub_effect::Close>(&effect)) {
      hub_closed = true;
      hub_error = close->error;
    } else {
      take_hub(effect);
    }
  }
}

void TestLink::take_hub(const HubEffect& effect) {
  if (const auto* hello = std::get_if<hub_effect::LookUpHello>(&effect)) {
    tasks_.push_back({Kind::read, [this, asked = hello->hello] {
                        auto snapshot = world_.hub->snapshot().value();
                        hub_step(hub_input::HelloLookedUp{answer_hello(*snapshot, asked)});
                        // One whose position is not known here has not called yet.
                        const bool welcome = std::any_of(
                            said_by_hub.begin(), said_by_hub.end(),
                            [](const Message& m) { return std::holds_alternative<Welcome>(m); });
                        if (!hub_closed && welcome) world_.note_contact(asked);
                      }});
  } else if (const auto* enrol = std::get_if<hub_effect::RedeemCode>(&effect)) {
    tasks_.push_back({Kind::merge, [this, asked = enrol->enrol] {
                        hub_step(hub_input::EnrolDone{
                            redeem_code(*world_.hub, asked, world_.now, world_.new_token()),
                            world_.schema.source()});
                      }});
  } else if (const auto* fork = std::get_if<hub_effect::RegisterSuccessor>(&effect)) {
    tasks_.push_back({Kind::merge, [this, asked = fork->request] {
                        hub_step(hub_input::SuccessorDone{register_successor(
                            *world_.hub, asked, world_.now, world_.new_token())});
                      }});
  } else if (const auto* epoch = std::get_if<hub_effect::BeginEpoch>(&effect)) {
    tasks_.push_back({Kind::merge, [this, asked = epoch->hello] {
                        hub_step(hub_input::EpochBegun{
                            begin_epoch(*world_.hub, asked, world_.now, world_.new_token())});
                      }});
  } else if (const auto* push = std::get_if<hub_effect::MergePush>(&effect)) {
    tasks_.push_back({Kind::merge, [this, request = push->request] {
                        const std::vector<PushRequest> requests{request};
                        auto results = merge_pushes(*world_.hub, world_.log, requests, world_.now,
                                                    world_.new_token());
                        hub_step(hub_input::PushMerged{std::move(results.front())});
                      }});
  } else if (const auto* rows = std::get_if<hub_effect::StoreSalvage>(&effect)) {
    tasks_.push_back({Kind::merge, [this, request = rows->request] {
                        hub_step(hub_input::SalvageStored{
                            store_salvage(*world_.hub, request, world_.now, world_.new_token())});
                      }});
  } else if (const auto* compare = std::get_if<hub_effect::CompareDevice>(&effect)) {
    tasks_.push_back(
        {Kind::read, [this, question = compare->question] { this->compare(question); }});
  } else if (const auto* heal = std::get_if<hub_effect::NoteHealed>(&effect)) {
    tasks_.push_back(
        {Kind::merge, [this, said = *heal] {
           hub_step(hub_input::HealKept{note_healed(*world_.hub, world_.log, said.device,
                                                    said.healed, world_.now, world_.new_token())});
         }});
  } else if (const auto* drifted = std::get_if<hub_effect::RecountDigests>(&effect)) {
    tasks_.push_back({Kind::merge, [this, scopes = drifted->scopes] {
                        auto commit = world_.hub->begin().value();
                        DS_ASSERT(commit->recount_digests(scopes).ok());
                        DS_ASSERT(commit->commit(world_.now, world_.new_token()).ok());
                      }});
  } else if (const auto* read = std::get_if<hub_effect::ReadFeed>(&effect)) {
    tasks_.push_back({Kind::read, [this, question = read->question] {
                        auto snapshot = world_.hub->snapshot().value();
                        hub_step(hub_input::FeedRead{answer_feed(*snapshot, question)});
                      }});
  }
}

void TestLink::compare(const ComparisonQuestion& question) {
  auto answer = compare_device(*world_.hub->snapshot().value(), question);
  if (answer && !answer->ask) {
    DS_ASSERT(keep_comparison(*world_.hub, question.device, answer->number, answer->found,
                              world_.now, world_.new_token())
                  .ok());
  }
  hub_step(hub_input::DeviceCompared{std::move(answer)});
}

void TestLink::ask_comparison(std::uint64_t number) { hub_step(hub_input::CompareAsked{number}); }

TestLink sync(SyncWorld& world, Phone& phone, LinkOptions options) {
  TestLink link(world, phone, options);
  link.run();
  return link;
}

TestLink sync_as_copy(SyncWorld& world, Phone& phone) {
  for (;;) {
    TestLink link = sync(world, phone);
    if (!link.come_again) return link;
  }
}

void settle(SyncWorld& world) {
  for (int round = 0; round < 2; ++round) {
    for (const auto& phone : world.phones) TestLink(world, *phone).run();
  }
}

}  // namespace doorstep::test
