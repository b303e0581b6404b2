// The hub's connections and its merge writer: server/session_driver.cpp, hub_core.cpp and
// merge_writer.cpp, with events in the place of threads.
#include <algorithm>
#include <utility>
#include <variant>

#include "engine/session/begin_epoch.hpp"
#include "engine/session/note_healed.hpp"
#include "tests/sim/sim_hub.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

std::shared_ptr<Link> SimHub::answer(const LinkQuality& quality,
                                     const std::optional<Caller>& caller) {
  if (!up()) return nullptr;
  const ConnectionNumber number = ++last_connection_;
  Connection& connection = connections_[number];
  connection.link = std::make_shared<Link>(context_, quality, random_.next());
  Link::End end;
  end.frame = [this, life = life_, number](const Bytes& frame) {
    if (life == life_) input(number, hub_input::Frame{frame});
  };
  end.lost = [this, life = life_, number] {
    if (life == life_) this->end(number);
  };
  connection.link->attach(Link::Side::hub, std::move(end));
  HubSession::Options options;
  options.identity = store_->identity();
  options.nonce = random_.id<Nonce>();
  if (auto parting = caller ? partings_.of(caller->name) : std::nullopt) {
    options.recognised = Recognised{*caller, *std::move(parting), long_hash(options.nonce.view())};
  }
  options.heard_room = heard_room_;
  // Small, so that pulls take several messages.
  options.changes_rows_max = 1 + random_.below(12);
  connection.session = std::make_unique<HubSession>(log_, std::move(options));
  std::shared_ptr<Link> link = connection.link;
  input(number, hub_input::Connected{});
  return link;
}

void SimHub::end(ConnectionNumber number) {
  registry_.remove(number);
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  if (auto parting = found->second.session->parting()) {
    partings_.keep(identity_.keys, number, *std::move(parting));
  }
  connections_.erase(found);
}

void SimHub::input(ConnectionNumber number, const HubInput& input) {
  const auto found = connections_.find(number);
  if (found == connections_.end() || found->second.closing) return;
  auto effects = found->second.session->step(now(), input);
  for (HubEffect& effect : effects) {
    if (connections_.contains(number)) carry_out(number, effect);
  }
  if (connections_.contains(number)) arm_timer(number);
}

void SimHub::arm_timer(ConnectionNumber number) {
  const auto deadline = connections_.at(number).session->next_deadline();
  if (!deadline || connections_.at(number).closing) return;
  after(std::max<std::int64_t>(*deadline - now(), 1), [this, number] {
    const auto found = connections_.find(number);
    if (found == connections_.end() || found->second.closing) return;
    const auto due = found->second.session->next_deadline();
    if (due && *due <= now()) input(number, hub_input::Timer{});
  });
}

void SimHub::carry_out(ConnectionNumber number, HubEffect& effect) {
  Connection& connection = connections_.at(number);
  if (connection.closing) return;
  if (auto* send = std::get_if<hub_effect::SendFrame>(&effect)) {
    connection.link->send(Link::Side::phone, std::move(send->bytes));
  } else if (auto* hello = std::get_if<hub_effect::LookUpHello>(&effect)) {
    look_up(number, std::move(hello->hello));
  } else if (auto* merge = std::get_if<hub_effect::MergePush>(&effect)) {
    push(number, std::move(merge->request));
  } else if (auto* read = std::get_if<hub_effect::ReadFeed>(&effect)) {
    read_feed(number, std::move(read->question));
  } else if (auto* salvage = std::get_if<hub_effect::StoreSalvage>(&effect)) {
    keep_salvage(number, std::move(salvage->request));
  } else if (auto* heal = std::get_if<hub_effect::NoteHealed>(&effect)) {
    commit_for<hub_input::HealKept>(number, [this, said = std::move(*heal)] {
      return note_healed(*store_, log_, said.device, said.healed, now(), token());
    });
  } else if (const auto* epoch = std::get_if<hub_effect::BeginEpoch>(&effect)) {
    begin_epoch(number, epoch->hello);
  } else if (auto* successor = std::get_if<hub_effect::RegisterSuccessor>(&effect)) {
    register_successor(number, successor->request);
  } else if (std::holds_alternative<hub_effect::RecountDigests>(effect)) {
    // No bit rots here: running sums are those of the rows, always.
    context_.wrong("a reconcile finds the hub's running sums apart from its rows");
  } else if (auto* known = std::get_if<hub_effect::Identified>(&effect)) {
    connection.device = known->device;
    registry_.put(number, known->device, std::move(known->visible));
  } else if (auto* close = std::get_if<hub_effect::Close>(&effect)) {
    if (close->error) context_.trace.note("hub", "closes: " + close->error->text());
    connection.closing = true;
    connection.link->close(Link::Side::phone);
    after(1, [this, number] { end(number); });
  }
}

void SimHub::look_up(ConnectionNumber number, Hello hello) {
  after(soon(), [this, number, asked = std::move(hello), met = now()] {
    auto answered = [&]() -> Result<HelloAnswer> {
      DS_ASSIGN(auto snapshot, store_->snapshot());
      return answer_hello(*snapshot, asked);
    }();
    if (died()) return;
    input(number, hub_input::HelloLookedUp{std::move(answered)});
    const auto found = connections_.find(number);
    if (found == connections_.end() || found->second.device != asked.device) return;
    notes_[asked.device] = note_of(asked, met);
    if (!std::exchange(notes_are_due_, true))
      after(limits::contact_notes_ms, [this] { write_notes(); });
  });
}

void SimHub::write_notes() {
  notes_are_due_ = false;
  const auto taken = std::exchange(notes_, {});
  const Status written = put_contact_notes(*store_, taken, now(), token());
  if (died()) return;
  if (!written) context_.trace.note("hub", "notes are not written: " + written.error().text());
  witness_.hub_committed(*store_);
}

void SimHub::read_feed(ConnectionNumber number, FeedQuestion question) {
  after(soon(), [this, number, asked = std::move(question)] {
    auto answered = [&]() -> Result<FeedAnswer> {
      DS_ASSIGN(auto snapshot, store_->snapshot());
      return answer_feed(*snapshot, asked);
    }();
    if (died()) return;
    // A reader's answer may come after that of a merge which was later than its snapshot.
    after(soon(), [this, number, held = std::make_shared<Result<FeedAnswer>>(std::move(answered))] {
      input(number, hub_input::FeedRead{std::move(*held)});
    });
  });
}

template <class Answer, class Work>
void SimHub::commit_for(ConnectionNumber number, Work work) {
  after(soon(), [this, number, run = std::move(work)] {
    auto outcome = run();
    if (died()) return;
    witness_.hub_committed(*store_);
    input(number, Answer{std::move(outcome)});
  });
}

void SimHub::keep_salvage(ConnectionNumber number, SalvageRequest request) {
  commit_for<hub_input::SalvageStored>(number, [this, asked = std::move(request)] {
    return store_salvage(*store_, asked, now(), token());
  });
}

void SimHub::register_successor(ConnectionNumber number, const SuccessorRequest& request) {
  if (context_.counts.copies + context_.counts.damaged == 0)
    context_.wrong("a phone takes itself for a copy, and none was made");
  commit_for<hub_input::SuccessorDone>(number, [this, request] {
    return doorstep::register_successor(*store_, request, now(), token());
  });
}

void SimHub::begin_epoch(ConnectionNumber number, const Hello& hello) {
  commit_for<hub_input::EpochBegun>(
      number, [this, hello] { return doorstep::begin_epoch(*store_, hello, now(), token()); });
}

void SimHub::push(ConnectionNumber number, PushRequest request) {
  pushed_.push_back({number, std::move(request)});
  if (!std::exchange(merge_is_due_, true)) after(soon(), [this] { merge(); });
}

// What waits goes into one commit, also what connections sent that are gone by now.
void SimHub::merge() {
  merge_is_due_ = false;
  std::vector<ConnectionNumber> from;
  std::vector<PushRequest> requests;
  for (Pushed& one : pushed_) {
    from.push_back(one.connection);
    requests.push_back(std::move(one.request));
  }
  pushed_.clear();
  witness_.merging(requests, now());
  for (PushRequest& request : requests) {
    // Some were read ahead, as a thread of the hub's shell does.
    const bool read_ahead = request.push.was.empty() && request.push.first.value % 2 == 0;
    if (read_ahead) request.read = read_push(store_->schema(), request.push);
  }
  auto results = merge_pushes(*store_, log_, requests, now(), token());
  if (died()) return;
  witness_.merged(*store_);
  Position head;
  std::vector<ScopeId> touched;
  bool tree_changed = false;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i]) {
      const PushResult& merged = results[i].value();
      head = std::max(head, merged.position);
      tree_changed = tree_changed || merged.tree_changed;
      touched.insert(touched.end(), merged.touched.begin(), merged.touched.end());
    } else {
      context_.trace.note("hub", "push failed: " + results[i].error().text());
    }
    input(from[i], hub_input::PushMerged{std::move(results[i])});
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  if (!touched.empty()) tell_committed(head, touched, tree_changed);
}

void SimHub::tell_committed(Position head, const std::vector<ScopeId>& touched, bool tree_changed) {
  const auto whom = tree_changed ? registry_.all() : registry_.watching(touched);
  for (const ConnectionNumber number : whom)
    input(number, hub_input::Committed{head, tree_changed});
}

}  // namespace doorstep::sim
