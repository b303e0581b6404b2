// The batches of a pull that has not reached its checkpoint, in ds_stage. Packed there, for the
// rows of a long load are written twice; and the first ones in memory as well, decoded. What is
// there is a copy: a replica that is opened anew reads the file. Digests of its rows are reckoned
// when they come, for the phone waits for the hub then, and the person for what follows. Of a first
// load of 50,000 rows the phone spent a third of its processor time on what was staged: writing it,
// decoding it again, and giving its pages back. Belongs to one connection and must not outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "engine/core/digest.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {

/// A batch, and what is reckoned of it while the next one is on its way.
struct ReadyBatch {
  Changes changes;
  /// Of the rows of each block in turn; none for a block whose rows are not whole, or that this
  /// schema does not know.
  std::vector<std::vector<Digest>> digests;
};

class StagedBatches {
 public:
  explicit StagedBatches(sqlite::Database& db) : db_(&db) {}

  struct Through {
    std::optional<ScanPoint> point;
    std::uint64_t rows = 0;  ///< in all batches
  };
  [[nodiscard]] Result<Through> through();
  /// Of the first batch, if the pull is a reconcile.
  [[nodiscard]] Result<std::optional<Refill>> refill();

  // Within the caller's storage transaction:

  /// `rows`: in all batches, with it. Says under which number it stands.
  [[nodiscard]] Result<std::int64_t> put(const Changes& batch, std::uint64_t rows);
  /// One after another, as they were read. Each is out of the file before it is used, so that its
  /// rows take the pages that it leaves.
  [[nodiscard]] Status take_all(const std::function<Status(ReadyBatch)>& use);
  [[nodiscard]] Status clear();

  /// After the commit of put(): spares take_all() reading it, and the time until the checkpoint
  /// comes is used, which nobody waits for then.
  void keep(const Schema& schema, std::int64_t number, Changes batch);
  /// Lets go of what is in memory: another connection has changed the file.
  void forget() { decoded_.clear(); }

 private:
  struct Place {
    std::int64_t number = 0;
    ScanPoint through;
  };
  struct Decoded {
    std::int64_t number = 0;
    ReadyBatch batch;
  };
  [[nodiscard]] Result<std::vector<Place>> places();
  [[nodiscard]] std::optional<ReadyBatch> kept(const Place& place);
  [[nodiscard]] Result<Changes> read(std::int64_t number);

  sqlite::Database* db_;
  BodyPacker packer_;
  std::deque<Decoded> decoded_;  // by number
};

}  // namespace doorstep
