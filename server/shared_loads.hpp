// First loads of phones that see the same: each batch of the feed is read, encoded and compressed
// once and given to all of them, for a short while. Of 50,000 visits a hub's processor spent 0.31 s
// for each phone, however many; now 0.08 s for each of ten at once. The first of them is answered
// for itself: a batch that stands alone is longer than one within a stream, and until a second asks
// nobody gains by it.
//
// What makes that sound: a device that has nothing and has sent nothing is told the same as any
// other with the same scopes, role and schema at the same place of the feed; a batch that was read
// earlier is one that the device might itself have read then, for what has changed since lies
// further on in the feed (SEMANTICS A2); and a batch is not given to anybody once something was
// collected that was told after the batch was read. Batches with a checkpoint are never shared.
//
// Thread-safe. Whoever asks for a batch that another thread is reading waits for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/core/time.hpp"
#include "engine/session/hub_session.hpp"

namespace doorstep {

class SharedLoads {
 public:
  /// Frames that are kept, all together; the oldest go first.
  static constexpr std::size_t kept_bytes_max = std::size_t{32} << 20;
  /// A frame is kept so long after it was read.
  static constexpr std::int64_t kept_ms_max = 10'000;

  explicit SharedLoads(std::size_t bytes_max = kept_bytes_max) : bytes_max_(bytes_max) {}

  /// answer_feed(), for any question.
  [[nodiscard]] Result<FeedAnswer> answer(HubSnapshot& snapshot, const FeedQuestion& question,
                                          Instant now);
  /// Lets go what is older than kept_ms_max. To be called now and then.
  void look_after(Instant now);

  struct Figures {
    std::size_t kept = 0;  ///< frames
    std::size_t bytes = 0;
    std::uint64_t given = 0;  ///< answers that were not read anew, ever
  };
  [[nodiscard]] Figures figures() const;

 private:
  /// Who sees the same: the history, the schemas, the role, the scopes.
  using Group =
      std::tuple<std::uint64_t, Fingerprint, Fingerprint, std::string, std::vector<ScopeId>>;
  /// What an answer depends on: that, the place in the feed (with the pull's beginning) and the
  /// size of a batch.
  using Key =
      std::tuple<Group, Position, std::string, std::uint64_t, Position, std::size_t, std::size_t>;
  struct Batch {
    std::shared_ptr<const Bytes> frame;
    ScanPoint next;
    std::uint64_t remaining = 0;
    Instant read;
    std::uint64_t number = 0;  // rises
  };
  using Batches = std::map<Key, Batch>;
  class Reading;

  [[nodiscard]] static Key key_of(Group group, const FeedQuestion& question);
  /// Has another device asked for the same lately?
  [[nodiscard]] bool is_wanted(const Group& group, const DeviceId& device, Instant now);
  void keep(const Key& key, Batch batch);
  [[nodiscard]] Batches::iterator oldest();
  void drop(Batches::iterator batch);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable read_;
  std::map<Group, std::map<DeviceId, Instant>> asked_;  // when last
  std::set<Key> reading_;
  Batches batches_;
  std::map<std::uint64_t, Key> oldest_first_;
  std::size_t bytes_ = 0;
  std::uint64_t last_number_ = 0;
  std::uint64_t given_ = 0;
};

}  // namespace doorstep
