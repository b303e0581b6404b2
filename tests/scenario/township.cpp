#include "tests/scenario/township.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <utility>

#include "client-sdk/src/replica_internal.hpp"

namespace doorstep::test {
namespace {

template <class Value>
Value must(Result<Value> result) {
  REQUIRE_MESSAGE(result.ok(), result.error().text());
  return std::move(result).value();
}

std::string shown(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "";
    case Value::Kind::integer:
      return std::to_string(value.as_integer());
    case Value::Kind::real:
      return std::to_string(value.as_real());
    case Value::Kind::text:
      return std::string(value.as_text());
    case Value::Kind::blob:
      return to_hex(value.as_blob());
  }
  return "";
}

}  // namespace

Township::Township(const std::string& name, const std::string& schema_file)
    : folder_(name), hub_(folder_.file("hub"), schema_file) {
  REQUIRE_MESSAGE(hub_.made().status == 0, hub_.made().err);
  const Finished loaded = hub_.command({"load", "--sample", "dushi"});
  REQUIRE_MESSAGE(loaded.status == 0, loaded.err);
  hub_.serve();
  REQUIRE_FALSE(hub_.url().empty());
}

std::string Township::command(const std::vector<std::string>& arguments) const {
  const Finished done = hub_.command(arguments);
  REQUIRE_MESSAGE(done.status == 0, done.err);
  return done.out;
}

std::vector<Json> Township::lines(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  return json_lines(command(arguments));
}

std::string Township::read(const std::string& select) const {
  return plain_read(hub_.database(), select);
}

Volunteer::Volunteer(Township& township, const std::string& name, const std::string& scopes,
                     const std::string& role, const Clock* clock)
    : name_(name), role_(role), file_(township.file(name + ".db")), clock_(clock) {
  const std::string code = township.hub().enrol(name, scopes, role);
  enrolment_ = must(enrol_replica({file_, township.hub().url(), code}));
  ReplicaSeams seams;
  seams.clock = clock_;
  replica_ = must(open_replica(file_, {}, seams));
  (void)sync();
}

void Volunteer::write(const std::string& sql, const Bindings& bindings) {
  const auto done = replica_->execute(sql, bindings);
  REQUIRE_MESSAGE(done.ok(), name_, ": ", sql, ": ", done.error().text());
  // Stories tell who wrote first, and the hub knows the moment only as well as a sync's way to it
  // is quick.
  const auto now_ms = [] {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  };
  for (const auto written = now_ms(); now_ms() - written < 100;) continue;
}

SyncReport Volunteer::sync() {
  ReplicaSeams seams;
  seams.clock = clock_;
  const auto sync = must(open_sync(file_, {}, seams));
  const auto report = sync->run();
  REQUIRE_MESSAGE(report.ok(), name_, ": ", report.error().text());
  return report.value();
}

std::string Volunteer::read(const std::string& select) {
  const SqlResult result = must(replica_->query(select));
  std::string out;
  for (const ResultSet& set : result.sets) {
    for (const auto& row : set.rows) {
      if (!out.empty()) out += '\n';
      for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "|" : "") + shown(row[i]);
    }
  }
  return out;
}

std::string Volunteer::new_id() { return read("select uuid7()"); }

ReplicaStatus Volunteer::status() { return must(replica_->status()); }

std::vector<ConflictInfo> Volunteer::conflicts() { return must(replica_->conflicts()); }

std::string Volunteer::receipts() {
  const RecordReceipts all = must(replica_->receipts());
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    if (!text.empty()) text += ", ";
    text += std::to_string(count);
    text += what;
  };
  add(all.on_this_phone, " on this phone");
  add(all.at_township, " at the township, not confirmed");
  add(all.needs_attention, " need attention");
  return text;
}

std::string Volunteer::receipt(const std::string& table, const std::string& id) {
  const std::optional<Bytes> key = from_hex(id);
  const Receipt receipt = must(replica_->receipt(table, Value::blob(key.value())));
  const bool dated = receipt.position.value != 0 && receipt.at.has_value();
  CHECK_MESSAGE((receipt.state != Receipt::State::at_township || dated), name_, ": ", table);
  return std::string(name_of(receipt.state));
}

void all_sync(std::initializer_list<Volunteer*> volunteers) {
  for (int round = 0; round < 2; ++round) {
    for (Volunteer* one : volunteers) (void)one->sync();
  }
}

void check_all_equal(const Township& township, std::initializer_list<Volunteer*> volunteers) {
  std::map<std::string, std::string> digests;
  for (Volunteer* one : volunteers) {
    const ReplicaStatus status = one->status();
    CHECK_MESSAGE(status.pending == 0, one->name());
    CHECK_MESSAGE(status.up_to_date, one->name());
    const RecordReceipts receipts = must(one->replica().receipts());
    CHECK_MESSAGE(receipts.on_this_phone + receipts.at_township == 0, one->name());
    const VerifyReport verified = must(one->replica().verify());
    CHECK_MESSAGE(verified.ok(), one->name(), ": ",
                  verified.problems.empty() ? "" : verified.problems.front());
    for (const ScopeStatus& scope : status.scopes) {
      // A role sees what it sees, and digests are over that.
      const auto [found, fresh] =
          digests.emplace(one->role() + " " + scope.scope.code, scope.digest.hex());
      CHECK_MESSAGE(found->second == scope.digest.hex(), one->name(), ", scope ", scope.scope.code);
    }
  }
  const Finished hub = township.hub().command({"verify"});
  CHECK_MESSAGE(hub.status == 0, hub.out, hub.err);
}

}  // namespace doorstep::test
