// The forms of one Replica that are still open somewhere: each is told what the Replica writes.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "client-sdk/src/own_writes.hpp"

namespace doorstep {

/// Any thread.
class OpenForms {
 public:
  [[nodiscard]] std::shared_ptr<OwnWrites> open(const std::string& table, const RowId& row) {
    auto made = std::make_shared<OwnWrites>(table, row);
    const std::lock_guard lock(mutex_);
    std::erase_if(forms_, [](const auto& form) { return form.expired(); });
    forms_.push_back(made);
    return made;
  }
  void note(const Schema& schema, Sequence sequence, std::span<const RowChange> changes) {
    const std::lock_guard lock(mutex_);
    for (const auto& form : forms_) {
      if (const auto open = form.lock()) open->note(schema, sequence, changes);
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<OwnWrites>> forms_;
};

}  // namespace doorstep
