#include "engine/session/salvage_sender.hpp"

namespace doorstep {

Result<std::optional<Salvage>> SalvageSender::next() {
  if (under_way_) return std::optional<Salvage>();
  DS_ASSIGN(auto salvage, store_.salvage());
  if (salvage) under_way_ = Salvaged{salvage->sequence, salvage->part};
  return salvage;
}

Status SalvageSender::confirmed(const Salvaged& part) {
  if (under_way_ != part) {
    return error(ErrorCode::unexpected_message, "an answer to rows that were not sent");
  }
  DS_TRY(store_.salvaged(part));
  under_way_.reset();
  any_confirmed_ = true;
  return {};
}

}  // namespace doorstep
