// Reads the records of a damaged SQLite file page by page, without its schema and its trees: every
// leaf page tells its own records. Pages of the write-ahead log are read too. What does not fit the
// file format is passed over. Reads only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client-sdk/src/replica_files.hpp"
#include "engine/core/result.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

struct FoundRecord {
  std::optional<std::int64_t> rowid;  ///< not in an index or a table WITHOUT ROWID
  std::vector<Value> values;
};

class DamagedPages {
 public:
  /// Error io_error. The log beside the file may be missing. `files` must outlive it.
  [[nodiscard]] static Result<DamagedPages> open(const std::string& path,
                                                 const ReplicaFiles& files);

  /// Every record of every page that looks like a leaf of a table or a page of an index, also of
  /// pages that are in use no more: first those of the file, then those of the log, as written.
  void each(const std::function<void(FoundRecord)>& visit);

 private:
  struct Page {
    Bytes bytes;
    std::size_t header = 0;                // the first page begins with the file's header
    std::optional<std::uint64_t> log_run;  // which writing of the log it is from
  };
  struct LogPage {
    std::size_t offset = 0;
    std::uint32_t number = 0;
    std::uint64_t run = 0;
  };
  [[nodiscard]] Bytes page(std::uint32_t number, std::optional<std::uint64_t> run);
  void read_log();
  void read_page(const Page& page, const std::function<void(FoundRecord)>& visit);
  [[nodiscard]] std::optional<Bytes> payload(const Page& page, std::size_t at, std::uint64_t size,
                                             bool is_table);

  std::string path_;
  const ReplicaFiles* files_ = nullptr;
  std::size_t page_size_ = 0;
  std::uint32_t page_count_ = 0;
  Bytes log_;
  std::vector<LogPage> log_pages_;
};

}  // namespace doorstep
