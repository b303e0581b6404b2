// The other exact way of capture, kept to be measured against the one in use
// (docs/decisions/0001-capture.md): the hook notes only which rows were touched and what they held
// at first; at commit each is read again. Savepoints need no care, because what they undid is not
// there when it is read.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/row_table.hpp"

namespace doorstep::bench {

class RereadCapture {
 public:
  /// Both must outlive it.
  RereadCapture(sqlite::Database& db, const Schema& schema);
  ~RereadCapture();
  RereadCapture(const RereadCapture&) = delete;
  RereadCapture& operator=(const RereadCapture&) = delete;

  void begin() { touched_.clear(); }
  [[nodiscard]] Result<std::vector<NetRow>> net();

  /// Called by SQLite's hook.
  void touch(TableId table, int operation);

 private:
  struct First {
    TableId table;
    Value key;
    std::optional<RowImage> before;
  };

  sqlite::Database* db_;
  const Schema* schema_;
  RowTables tables_;
  std::vector<First> touched_;
  std::map<RowKey, std::size_t> places_;
};

}  // namespace doorstep::bench
