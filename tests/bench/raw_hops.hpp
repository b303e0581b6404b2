// The floor of a change that goes from phone to hub to phone: a commit of plain SQLite with FULL
// synchronous at each of the three, and between them a WebSocket frame of the same size over
// loopback, relayed by a thread that does nothing else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "engine/sqlite/database.hpp"
#include "tests/bench/loopback.hpp"
#include "tests/bench/workload.hpp"

namespace doorstep::bench {

class RawHops {
 public:
  /// Files in `folder`, each with all the visits. `up` and `down`: payload bytes of the two hops.
  RawHops(const Workload& workload, const std::string& folder, std::size_t up, std::size_t down);
  ~RawHops();
  RawHops(const RawHops&) = delete;
  RawHops& operator=(const RawHops&) = delete;

  /// Seconds from before the first commit until the third is durable.
  [[nodiscard]] double change(const std::vector<VisitEdit>& edits, std::size_t number);

 private:
  struct Node {
    sqlite::Database db;
    sqlite::Statement update;
    void commit(const Workload& workload, const VisitEdit& edit);
  };
  [[nodiscard]] Node node(const std::string& file) const;
  void relay();
  void receive();

  const Workload& workload_;
  std::size_t up_;
  std::size_t down_;
  Node first_;
  Node hub_;
  Node second_;
  Socket listener_;
  Socket from_first_;  ///< the four ends of two connections
  Socket at_hub_first_;
  Socket from_second_;
  Socket at_hub_second_;
  std::atomic<const VisitEdit*> edit_ = nullptr;  ///< handed over with the frame
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t arrived_ = 0;
  std::thread relaying_;
  std::thread receiving_;
};

}  // namespace doorstep::bench
