// The floor of a change that goes from phone to hub to phone: a commit of plain SQLite with FULL
// synchronous at each of the three, and between them a WebSocket frame of the same size over
// loopback, relayed by a thread that does nothing else; or over a slow link, as the phones'.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/sqlite/database.hpp"
#include "tests/bench/link_proxy.hpp"
#include "tests/bench/loopback.hpp"
#include "tests/bench/workload.hpp"

namespace doorstep::bench {

class RawHops {
 public:
  /// Payload bytes of the two hops, and how long each is under way.
  struct Hops {
    std::size_t up = 0;
    std::size_t down = 0;
    std::int64_t one_way_ms = 0;
  };
  /// Files whose names begin with `files`, each with all the visits.
  RawHops(const Workload& workload, const std::string& files, const Hops& hops);
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
  [[nodiscard]] Socket connected() const;
  void relay();
  void receive();

  const Workload& workload_;
  Hops hops_;
  Node first_;
  Node hub_;
  Node second_;
  Socket listener_;
  std::unique_ptr<LinkProxy> slow_;  ///< between listener_ and those that connect
  Socket from_first_;                ///< the four ends of two connections
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
