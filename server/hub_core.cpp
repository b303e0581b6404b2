#include "server/hub_core.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <map>
#include <set>
#include <utility>

#include "engine/session/partings.hpp"
#include "server/session_driver.hpp"
#include "server/shared_loads.hpp"

namespace doorstep {
namespace {

constexpr std::size_t reader_threads = 2;

// An answer of the store, whatever goes wrong on the way to it.
template <class Answer, class Work>
Result<Answer> guarded(LogSink& log, const Work& work) {
  try {
    return work();
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "read_failed", {{"what", e.what()}});
    return error(ErrorCode::internal, "read failed");
  }
}

}  // namespace

struct HubCore::State {
  Ports ports;
  Post post;
  SessionRegistry registry;
  std::map<ConnectionNumber, std::weak_ptr<SessionDriver>> drivers;
  ConnectionNumber last_connection = 0;
  std::uint64_t changes_elsewhere = 0;
  Fingerprint schema;  // the newest, as last seen
  SharedLoads loads;
  Partings partings;
  std::shared_ptr<HeardRoom> heard_room = std::make_shared<HeardRoom>();
  boost::asio::thread_pool readers{reader_threads};
  std::unique_ptr<MergeWriter> writer;

  State(Ports the_ports, Post the_post)
      : ports(std::move(the_ports)),
        post(std::move(the_post)),
        schema(ports.store.schema().fingerprint()) {}

  void tell(const std::vector<ConnectionNumber>& connections, const HubInput& input);
  /// Says it to the commit's authors, or to all others whom it concerns.
  void committed(const MergeWriter::Committed& commit, bool to_authors);
  void look_around();
  /// Said on the network thread.
  [[nodiscard]] MergeWriter::EnrolDone posted(MergeWriter::EnrolDone done);
};

void HubCore::State::tell(const std::vector<ConnectionNumber>& connections, const HubInput& input) {
  for (const ConnectionNumber number : connections) {
    const auto found = drivers.find(number);
    if (found == drivers.end()) continue;
    if (const auto driver = found->second.lock()) driver->input(input);
  }
}

// A unit that came or moved changes who sees what: every session looks again.
void HubCore::State::committed(const MergeWriter::Committed& commit, bool to_authors) {
  std::set<ConnectionNumber> authors;
  for (const DeviceId& author : commit.authors) {
    const auto here = registry.of_device(author);
    authors.insert(here.begin(), here.end());
  }
  auto connections = commit.tree_changed ? registry.all() : registry.watching(commit.touched);
  std::erase_if(connections,
                [&](ConnectionNumber one) { return authors.contains(one) != to_authors; });
  tell(connections, hub_input::Committed{commit.head, commit.tree_changed});
}

// Another process wrote: any connected device may have been revoked or given other scopes, any row
// or schema may be new.
void HubCore::State::look_around() {
  ++changes_elsewhere;
  auto look = [this, devices = registry.devices()] {
    struct Seen {
      std::vector<std::pair<DeviceId, bool>> revoked;  // lost?
      std::map<DeviceId, std::vector<ScopeId>> visible;
      std::map<DeviceId, std::uint64_t> compare;  // requests that wait
      Position head;
      Fingerprint schema;
    };
    const auto seen = guarded<Seen>(ports.log, [&]() -> Result<Seen> {
      DS_ASSIGN(auto snapshot, ports.store.snapshot());
      DS_ASSIGN(const auto tree, snapshot->scope_tree());
      Seen found{{}, {}, {}, snapshot->head(), snapshot->schemas().newest().fingerprint()};
      for (const DeviceId& id : devices) {
        DS_ASSIGN(const auto record, snapshot->device(id));
        if (!record || record->revoked) {
          found.revoked.emplace_back(id, record && record->lost);
        } else {
          found.visible.emplace(id, visible_scopes(record->scopes, tree));
        }
        DS_ASSIGN(const auto comparison, snapshot->comparison(id));
        if (comparison && comparison->waits()) found.compare.emplace(id, comparison->asked);
      }
      return found;
    });
    if (!seen) {
      ports.log.write(LogLevel::warning, "watch_failed", {{"error", seen.error().text()}});
      return;
    }
    post([this, found = seen.value()] {
      for (const auto& [id, lost] : found.revoked) {
        ports.log.write(LogLevel::info, "revoked", {{"device", id.hex()}});
        tell(registry.of_device(id), hub_input::Revoked{lost});
      }
      if (std::exchange(schema, found.schema) != found.schema) {
        ports.log.write(LogLevel::info, "schema_changed", {{"schema", found.schema.hex()}});
      }
      tell(registry.all(), hub_input::SchemaChanged{found.schema});
      for (const auto& [id, visible] : found.visible) {
        tell(registry.with_other_scopes(id, visible), hub_input::Committed{found.head, true});
      }
      for (const auto& [id, number] : found.compare) {
        tell(registry.of_device(id), hub_input::CompareAsked{number});
      }
      tell(registry.all(), hub_input::Committed{found.head});
    });
  };
  boost::asio::post(readers, std::move(look));
}

HubCore::HubCore(Ports ports, Post post)
    : state_(std::make_unique<State>(std::move(ports), std::move(post))) {
  State* state = state_.get();
  MergeWriter::Hooks hooks;
  using Commit = std::shared_ptr<const MergeWriter::Committed>;
  // The readers' changes leave first: they wait, and their reads go before the author's echo.
  hooks.committed = [state](const Commit& commit) {
    state->post([state, commit] { state->committed(*commit, false); });
  };
  hooks.delivered = [state](const Commit& commit) {
    state->post([state, commit] { state->committed(*commit, true); });
  };
  hooks.poll_elsewhere = state->ports.poll_elsewhere;
  hooks.changed_elsewhere = [state] { state->post([state] { state->look_around(); }); };
  state->writer =
      std::make_unique<MergeWriter>(state->ports.store, state->ports.log, state->ports.time,
                                    state->ports.random, std::move(hooks));
}

HubCore::~HubCore() { finish_work(); }

const HubCore::Ports& HubCore::ports() const { return state_->ports; }

HubSession::Options HubCore::session_options(Bytes binding, std::string_view caller) {
  HubSession::Options options;
  options.identity = state_->ports.store.identity();
  options.nonce = state_->ports.random.id<Nonce>();
  options.binding = std::move(binding);
  options.heard_room = state_->heard_room;
  if (const auto who = read_caller(caller)) {
    if (auto parting = state_->partings.of(who->name)) {
      options.recognised = Recognised{*who, *std::move(parting), state_->ports.random.id<Nonce>()};
    }
  }
  return options;
}

void HubCore::remember(ConnectionNumber connection, Parting parting) {
  state_->partings.keep(state_->ports.store.identity().keys, connection, std::move(parting));
}

ConnectionNumber HubCore::join(std::weak_ptr<SessionDriver> driver) {
  const ConnectionNumber number = ++state_->last_connection;
  state_->drivers[number] = std::move(driver);
  return number;
}

void HubCore::leave(ConnectionNumber connection) {
  state_->registry.remove(connection);
  if (state_->ports.connected != nullptr) state_->ports.connected->remove(connection);
  state_->drivers.erase(connection);
}

std::size_t HubCore::connections() const { return state_->drivers.size(); }

void HubCore::identified(ConnectionNumber connection, const DeviceId& device,
                         std::vector<ScopeId> visible) {
  state_->registry.put(connection, device, std::move(visible));
  if (state_->ports.connected != nullptr) state_->ports.connected->put(connection, device);
}

// What an earlier connection of the device has sent is merged first: else it would hear of less
// than is here, and send that again. The others' look-ups do not wait.
void HubCore::look_up(Hello hello, std::function<void(Result<HelloAnswer>)> done) {
  const DeviceId device = hello.device;
  auto work = [state = state_.get(), before = state_->changes_elsewhere, asked = std::move(hello),
               answer = std::move(done)] {
    auto found = guarded<HelloAnswer>(state->ports.log, [&]() -> Result<HelloAnswer> {
      DS_ASSIGN(auto snapshot, state->ports.store.snapshot());
      return answer_hello(*snapshot, asked);
    });
    state->post([state, answer, before, result = std::move(found)] {
      answer(result);
      // A device that was looked up before another process changed it, but registered after that
      // was noticed, would have been missed.
      if (state->changes_elsewhere != before) state->look_around();
    });
  };
  state_->writer->after_pushes(device, [state = state_.get(), look = std::move(work)] {
    boost::asio::post(state->readers, look);
  });
}

void HubCore::read_feed(FeedQuestion question, std::function<void(Result<FeedAnswer>)> done) {
  auto work = [state = state_.get(), asked = std::move(question), answer = std::move(done)] {
    auto found = guarded<FeedAnswer>(state->ports.log, [&]() -> Result<FeedAnswer> {
      DS_ASSIGN(auto snapshot, state->ports.store.snapshot());
      return state->loads.answer(*snapshot, asked, state->ports.time.now());
    });
    // Shared, because std::function copies what it holds and a batch is large.
    auto result = std::make_shared<Result<FeedAnswer>>(std::move(found));
    state->post([answer, result] { answer(std::move(*result)); });
  };
  boost::asio::post(state_->readers, std::move(work));
}

void HubCore::merge(PushRequest request, std::function<void(Result<PushResult>)> done) {
  state_->writer->push(std::move(request),
                       [state = state_.get(), answer = std::move(done)](Result<PushResult> merged) {
                         state->post([answer, result = std::move(merged)] { answer(result); });
                       });
}

MergeWriter::EnrolDone HubCore::State::posted(MergeWriter::EnrolDone done) {
  return [this, answer = std::move(done)](Result<DeviceRecord> device) {
    post([answer, result = std::move(device)] { answer(result); });
  };
}

void HubCore::redeem(Enrol enrol, Instant now, std::function<void(Result<DeviceRecord>)> done) {
  state_->writer->redeem(std::move(enrol), now, state_->posted(std::move(done)));
}

void HubCore::succeed(const SuccessorRequest& request, Instant now,
                      std::function<void(Result<DeviceRecord>)> done) {
  state_->writer->succeed(request, now, state_->posted(std::move(done)));
}

void HubCore::begin_epoch(const Hello& hello, Instant now,
                          std::function<void(Result<Restored>)> done) {
  state_->writer->begin_epoch(
      hello, now, [state = state_.get(), answer = std::move(done)](Result<Restored> restored) {
        state->post([answer, result = std::move(restored)] { answer(result); });
      });
}

void HubCore::salvage(SalvageRequest request, std::function<void(Result<Salvaged>)> done) {
  state_->writer->salvage(std::move(request), [state = state_.get(),
                                               answer = std::move(done)](Result<Salvaged> stored) {
    state->post([answer, result = std::move(stored)] { answer(result); });
  });
}

void HubCore::compare(ComparisonQuestion question,
                      std::function<void(Result<ComparisonAnswer>)> done) {
  auto work = [state = state_.get(), asked = std::move(question), answer = std::move(done)] {
    auto found = guarded<ComparisonAnswer>(state->ports.log, [&]() -> Result<ComparisonAnswer> {
      DS_ASSIGN(auto snapshot, state->ports.store.snapshot());
      return compare_device(*snapshot, asked);
    });
    auto result = std::make_shared<Result<ComparisonAnswer>>(std::move(found));
    const auto tell = [state, answer, result] {
      state->post([answer, result] { answer(std::move(*result)); });
    };
    if (!*result || (*result)->ask) return tell();
    // The device may be gone by then; what it has said stays said.
    state->writer->keep(asked.device, (*result)->number, (*result)->found,
                        [tell, result](const Status& kept) {
                          if (!kept) *result = kept.error();
                          tell();
                        });
  };
  boost::asio::post(state_->readers, std::move(work));
}

void HubCore::heal(const DeviceId& device, Healed healed,
                   std::function<void(Result<HealNoted>)> done) {
  state_->writer->heal(device, std::move(healed),
                       [state = state_.get(), answer = std::move(done)](Result<HealNoted> noted) {
                         state->post([answer, result = std::move(noted)] { answer(result); });
                       });
}

void HubCore::look_after() { state_->loads.look_after(state_->ports.time.now()); }

void HubCore::note(ContactNote note) { state_->writer->note(std::move(note)); }

void HubCore::recount(std::vector<ScopeId> scopes) { state_->writer->recount(std::move(scopes)); }

void HubCore::finish_work() {
  state_->writer->stop();
  state_->readers.join();
}

void HubCore::shut_down_sessions() {
  std::vector<ConnectionNumber> all;
  for (const auto& [number, driver] : state_->drivers) all.push_back(number);
  state_->tell(all, hub_input::Shutdown{});
}

}  // namespace doorstep
