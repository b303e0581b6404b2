#include "engine/session/hub_refill.hpp"

#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "engine/core/bucket.hpp"
#include "engine/core/defect.hpp"
#include "engine/ports/feed_order.hpp"

namespace doorstep {
namespace {

bool all_rows(const RowId& /*row*/) { return true; }

// One pass over everything that the device may see.
class Comparison {
 public:
  Comparison(HubSnapshot& snapshot, const SchemaView& view, const FeedQuestion& question)
      : snapshot_(snapshot),
        question_(question),
        schema_(snapshot.schemas().newest()),
        view_(view) {}

  Result<Refill> run() {
    Refill refill;
    for (std::size_t i = 0; i < schema_.tables().size(); ++i) {
      const TableId id{static_cast<std::uint16_t>(i)};
      const Table& table = schema_.table(id);
      const BucketSums* const theirs = find_sums(*question_.sums, table.name);
      const bool known = theirs != nullptr && view_.shows(id);
      BucketSums ours{table.name, known ? theirs->bits : std::uint8_t{0}, {}};
      ours.sums.resize(std::size_t{1} << ours.bits);
      DS_TRY(snapshot_.scan(id, question_.request.scopes, all_rows,
                            [&](const StoredRow& row) -> Status {
                              scopes_[row.scope] += digest_of_row(table, row.id, row.image);
                              if (known) add_to_bucket(table, row.id, image_in(view_, row), ours);
                              return {};
                            }));
      if (!known) continue;  // a device that does not know the table has no use for its rows
      BucketList list = differing_buckets(ours, *theirs);
      if (!list.buckets.empty()) refill.tables.push_back(std::move(list));
    }
    return refill;
  }

  // Scopes whose running sum is not that of the rows just read (SEMANTICS E2).
  Result<std::vector<ScopeId>> drifted() {
    std::vector<ScopeId> found;
    DS_ASSIGN(const auto running, snapshot_.digests(question_.request.scopes));
    for (std::size_t i = 0; i < running.size(); ++i) {
      const ScopeId& scope = question_.request.scopes[i];
      if (running[i] != scopes_[scope]) found.push_back(scope);
    }
    return found;
  }

 private:
  HubSnapshot& snapshot_;
  const FeedQuestion& question_;
  const Schema& schema_;
  const SchemaView& view_;
  std::map<ScopeId, Digest> scopes_;
};

// All conflicts that the device may see, unless they are too many for one message.
Status restate_conflicts(HubSnapshot& snapshot, const FeedQuestion& question, Restated& restated) {
  FeedRequest request = question.request;
  request.cursor = {};
  request.scan = {};
  request.conflicts_only = true;
  request.rows_max = limits::refill_conflicts_max;
  request.bytes_max = limits::refill_conflicts_bytes_max;
  DS_ASSIGN(FeedBatch batch, snapshot.feed(request));
  if (!batch.complete) return {};
  restated.refill->conflicts = true;
  restated.batch.conflicts = std::move(batch.conflicts);
  return {};
}

std::size_t buckets_in(const Refill& refill) {
  std::size_t count = 0;
  for (const BucketList& list : refill.tables) count += list.buckets.size();
  return count;
}

// Whole buckets in the order of the refill, as many as fit: a bucket is never parted, so that its
// number says how far the device has got.
class BucketReader {
 public:
  BucketReader(HubSnapshot& snapshot, const FeedQuestion& question, std::vector<StoredRow>& rows)
      : snapshot_(snapshot), question_(question), rows_(rows) {}

  // The number of buckets done when this answer is full, or all are.
  Result<std::size_t> read(const Refill& refill, std::size_t done) {
    std::size_t before = 0;  // buckets of the tables before
    for (const BucketList& list : refill.tables) {
      const std::size_t end = before + list.buckets.size();
      if (done < end && !full_) {
        DS_ASSIGN(const std::size_t taken, read_table(list, done - before));
        done += taken;
      }
      before = end;
    }
    return done;
  }

 private:
  Result<std::size_t> read_table(const BucketList& list, std::size_t skip) {
    const Schema& schema = snapshot_.schemas().newest();
    const auto id = schema.find_table(list.table);
    if (!id) return list.buckets.size() - skip;
    const Table& table = schema.table(*id);
    std::map<std::uint32_t, std::vector<StoredRow>> rows;
    const auto wanted = [&](const RowId& row) {
      return std::binary_search(list.buckets.begin() + static_cast<std::ptrdiff_t>(skip),
                                list.buckets.end(), bucket_of(table, row, list.bits));
    };
    DS_TRY(snapshot_.scan(*id, question_.request.scopes, wanted, [&](StoredRow row) -> Status {
      rows[bucket_of(table, row.id, list.bits)].push_back(std::move(row));
      return {};
    }));
    std::size_t taken = 0;
    for (std::size_t i = skip; i < list.buckets.size() && !full_; ++i, ++taken) {
      for (StoredRow& row : rows[list.buckets[i]]) {
        bytes_ += feed_bytes(row);
        rows_.push_back(std::move(row));
      }
      full_ = rows_.size() >= question_.request.rows_max || bytes_ >= question_.request.bytes_max;
    }
    return taken;
  }

  HubSnapshot& snapshot_;
  const FeedQuestion& question_;
  std::vector<StoredRow>& rows_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

RowImage image_in(const SchemaView& view, const StoredRow& row) {
  RowImage image = row.image;
  if (view.is_whole()) return image;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    if (!view.shows(row.table, ColumnId{static_cast<std::uint16_t>(i)})) image.values[i] = {};
  }
  return image;
}

Result<bool> is_below_floor(HubSnapshot& snapshot, const FeedQuestion& question) {
  if (question.sums || DS_DEFECT("floor_forgotten")) return false;
  const FeedRequest& request = question.request;
  DS_ASSIGN(const Position floor, snapshot.floor(request.scopes));
  if (started_of(request, snapshot.head()) < floor) return true;
  if (question.refill || request.cursor == Position{}) return false;
  // Of scopes that are new to the device it needs nothing from before this pull.
  std::vector<ScopeId> held;
  std::set_difference(request.scopes.begin(), request.scopes.end(), request.new_scopes.begin(),
                      request.new_scopes.end(), std::back_inserter(held));
  DS_ASSIGN(const Position held_floor, snapshot.floor(held));
  return request.cursor < held_floor;
}

Result<Restated> restate(HubSnapshot& snapshot, const SchemaView& view,
                         const FeedQuestion& question) {
  const ScanPoint& scan = question.request.scan;
  Restated restated;
  restated.position = question.sums ? snapshot.head() : scan.started;
  std::size_t done = 0;
  if (question.sums) {
    Comparison comparison(snapshot, view, question);
    DS_ASSIGN(restated.refill, comparison.run());
    DS_ASSIGN(restated.drifted, comparison.drifted());
    DS_TRY(restate_conflicts(snapshot, question, restated));
  } else if (scan.table != feed_part::refill) {
    restated.after = scan;
    return restated;
  } else {
    done = static_cast<std::size_t>(scan.ordinal);
  }
  const Refill& refill = restated.refill ? *restated.refill : *question.refill;
  const std::size_t all = buckets_in(refill);
  BucketReader reader(snapshot, question, restated.batch.rows);
  DS_ASSIGN(done, reader.read(refill, done));
  const Position at = restated.position;
  if (done >= all) {
    restated.after = ScanPoint{at, {}, 0, at, {}};
  } else {
    restated.next = ScanPoint{at, std::string(feed_part::refill), done, at, {}};
    restated.batch.remaining = (all - done) * limits::bucket_rows_target;
  }
  return restated;
}

void log_reconcile(LogSink& log, const Hello& hello, const FeedAnswer& answer) {
  const std::string device = hello.device.hex();
  for (const ScopeId& scope : answer.drifted) {
    log.write(LogLevel::error, "digest_drift", {{"scope", scope.code}});
  }
  if (answer.below_floor) {
    log.write(LogLevel::info, "below_floor",
              {{"device", device}, {"cursor", std::to_string(hello.cursor.value)}});
  }
  if (!answer.changes.refill) return;
  for (const BucketList& list : answer.changes.refill->tables) {
    log.write(LogLevel::warning, "reconcile",
              {{"device", device},
               {"table", list.table},
               {"buckets", std::to_string(list.buckets.size())}});
  }
}

}  // namespace doorstep
