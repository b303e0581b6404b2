#include "engine/session/hub_pull.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/session/hub_greeting.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame_size.hpp"

namespace doorstep {
namespace {

std::uint32_t credit_within_limit(std::uint64_t messages) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(messages, limits::changes_in_flight_max));
}

bool says_nothing(const Changes& changes) {
  return changes.rows.empty() && changes.removals.empty() && changes.conflicts.empty() &&
         !changes.refill;
}

}  // namespace

void HubPull::begin(const Hello& hello, std::vector<ScopeId> visible, Sequence merged,
                    Sequence told) {
  device_schema_ = hello.schema;
  device_ = hello.device;
  visible_ = std::move(visible);
  cursor_ = hello.cursor;
  token_ = hello.token;
  digests_held = hello.digests;
  merged_ = merged;
  told_ = told;
}

Status HubPull::on_pull(const Pull& pull) {
  const bool for_own = left_out_ && !pull.own_left_out && pull.cursor <= cursor_;
  if (pull.sums || for_own) {
    // The last checkpoint may not have been applied there.
    told_digests_.clear();
    digests_held = {};
  } else {
    if (pull_) return error(ErrorCode::unexpected_message, "a second pull");
    if (pull.cursor != cursor_)
      return error(ErrorCode::unexpected_message, "a pull from another cursor");
  }
  const bool from_nothing = pull.cursor == Position{} && !pull.scan;
  // It was sent before Welcome said what the device sees now; another follows.
  if (!from_nothing && pull.holds != scopes_fingerprint(visible_)) return {};
  const Fingerprint asked = asked_fingerprint(pull.new_scopes, pull.new_columns);
  if (pull.scan && pull.scan->asked != asked)
    return error(ErrorCode::unexpected_message, "a scan of another pull");
  if (!std::is_sorted(pull.new_scopes.begin(), pull.new_scopes.end()) ||
      !std::is_sorted(pull.new_columns.begin(), pull.new_columns.end())) {
    return error(ErrorCode::malformed, "new scopes or columns out of order");
  }
  out_of_date_ = reading_;
  cursor_ = pull.cursor;
  pull_ = pull;
  scan_ = pull.sums ? std::nullopt : pull.scan;
  still_to_come_.reset();
  refill_ = pull.sums ? std::nullopt : pull.refill;
  credit_ = credit_within_limit(pull.credit);
  halvings_ = 0;
  checkpointed_ = false;
  return {};
}

void HubPull::on_credit(std::uint32_t messages) {
  credit_ = credit_within_limit(std::uint64_t{credit_} + messages);
}

void HubPull::on_head(Position head) { head_ = std::max(head_, head); }

void HubPull::on_merged(Sequence through) {
  merged_ = std::max(merged_, through);
  awaits_merge_ = false;
}

void HubPull::on_told(Sequence through) { told_ = std::max(told_, through); }

bool HubPull::wants_read() const {
  if (!pull_ || reading_ || credit_ == 0) return false;
  if (awaits_merge_ && merging > 0) return false;
  if (scan_) return true;
  // Without a push at the merge writer nothing more of this device can be waited for.
  if (!checkpointed_) return merged_ >= pull_->include || merging == 0;
  return head_ > read_head_ || merged_ > included_;
}

std::optional<FeedQuestion> HubPull::next_question() {
  if (!wants_read()) return std::nullopt;
  reading_ = true;
  FeedQuestion question;
  question.request.device = device_;
  question.request.scopes = visible_;
  question.request.cursor = cursor_;
  question.request.new_scopes = pull_->new_scopes;
  question.request.new_columns = pull_->new_columns;
  question.request.scan = scan_.value_or(scan_start(question.request));
  question.request.rows_max = std::max<std::size_t>(size_.rows_max >> halvings_, 1);
  question.request.bytes_max =
      std::min<std::uint64_t>(size_.bytes_max, answer_bytes.value_or(size_.bytes_max)) >> halvings_;
  question.request.still_to_come = scan_ ? still_to_come_ : std::nullopt;
  question.acknowledged = told_;
  if (!scan_) question.sums = pull_->sums;
  question.refill = refill_;
  question.schema = device_schema_;
  question.granted_since = granted_since;
  question.request.before = before;
  const bool whole = !scan_ && !refill_ && !pull_->sums;
  const bool nothing_new = pull_->new_scopes.empty() && pull_->new_columns.empty();
  question.request.own_left_out = pull_->own_left_out && whole && nothing_new;
  question.shareable = cursor_ == Position{} && merged_ == Sequence{} && nothing_new &&
                       before.empty() && !refill_ && !pull_->sums && !answer_bytes;
  return question;
}

Checkpoint HubPull::checkpoint_of(const FeedAnswer& answer) const {
  Checkpoint checkpoint;
  checkpoint.position = answer.head;
  checkpoint.token = answer.token;
  checkpoint.included = DS_DEFECT("included_too_low") ? included_ : answer.included;
  checkpoint.backed_up = answer.backed_up;
  name_digests(answer, checkpoint);
  return checkpoint;
}

void HubPull::stands_at(Hello& hello) const {
  hello.cursor = cursor_;
  hello.token = token_;
  if (told_digests_.empty()) {
    hello.digests = digests_held;
    return;
  }
  std::vector<Checkpoint::ScopeDigest> digests;
  for (std::size_t i = 0; i < visible_.size() && i < told_digests_.size(); ++i) {
    digests.push_back({visible_[i], told_digests_[i]});
  }
  hello.digests = digests_hash(digests);
}

// Somebody who sees four hundred villages does not hear of all of them with each change in one.
void HubPull::name_digests(const FeedAnswer& answer, Checkpoint& checkpoint) const {
  auto& digests = checkpoint.digests;
  for (std::size_t i = 0; i < visible_.size() && i < answer.digests.size(); ++i) {
    digests.push_back({visible_[i], answer.digests[i]});
  }
  if (digests.empty()) return;
  if (told_digests_.empty()) {
    checkpoint.others_stand = digests_hash(digests) == digests_held;
    if (checkpoint.others_stand) digests.clear();
    return;
  }
  checkpoint.others_stand = true;
  std::size_t place = 0;
  std::erase_if(digests, [&](const auto& one) { return one.digest == told_digests_[place++]; });
}

HubPull::Said HubPull::on_answer(const FeedAnswer& answer, Instant now) {
  reading_ = false;
  Said said;
  if (!pull_ || std::exchange(out_of_date_, false)) return said;
  if (answer.below_floor) {
    said.restart = Restart{cursor_ != Position{}};
    pull_.reset();
    scan_.reset();
    refill_.reset();
    return said;
  }
  // A budget that came meanwhile is to be kept to: the same is asked for this device alone.
  if (answer.frame && answer_bytes) return said;
  Changes changes = answer.changes;
  changes.from = cursor_;
  if (!answer.complete && !DS_DEFECT("checkpoint_too_early")) {
    changes.next = answer.next;
    said.changes = std::move(changes);
    said.frame = answer.frame;
    if (!fits(said)) return cut_smaller(said, answer.changes.remaining);
    if (said.changes->refill) refill_ = said.changes->refill;
    scan_ = answer.next;
    // What is left of a reconcile is told in buckets.
    still_to_come_ = refill_ ? std::nullopt : std::optional(answer.changes.remaining);
    --credit_;
    if (halvings_ > 0) --halvings_;
    return said;
  }
  if (answer.included > merged_ && answer.included > told_) {
    // Its own push, of which the merge writer has not told yet, or one of another connection: maybe
    // of a copy of the phone, whose outcomes are not this one's (SEMANTICS C5).
    awaits_merge_ = merging > 0;
    said.elsewhere = !awaits_merge_;
    return said;
  }
  said.live = checkpointed_;
  const bool idle = checkpointed_ && !scan_ && !refill_ && !changes.refill;
  if (idle && says_nothing(changes) && answer.included <= included_) {
    read_head_ = answer.head;
    pull_->sums.reset();
    return said;
  }
  // A checkpoint never overtakes the outcomes of what it includes (SEMANTICS A5).
  if (answer.included > told_)
    said.ack = ack_of(answer.included, answer.outcomes, told_, answer.head, now);
  changes.checkpoint = checkpoint_of(answer);
  changes.remaining = 0;
  said.changes = std::move(changes);
  if (!fits(said)) return cut_smaller(said, 0);
  read_head_ = answer.head;
  scan_.reset();
  refill_.reset();
  pull_->sums.reset();
  left_out_ = left_out_ || said.changes->own_left_out.rows > 0;
  told_digests_ = answer.digests;
  included_ = answer.included;
  cursor_ = answer.head;
  token_ = answer.token;
  checkpointed_ = true;
  --credit_;
  // With the checkpoint they are no longer new.
  pull_->new_scopes.clear();
  pull_->new_columns.clear();
  if (!pull_->live) pull_.reset();
  return said;
}

bool HubPull::fits(const Said& said) const {
  if (!answer_bytes) return true;
  const std::uint64_t ack = said.ack ? bytes_on_wire_max(encode(*said.ack).size(), Way::down) : 0;
  return ack + bytes_on_wire_max(encode(*said.changes).size(), Way::down) <= *answer_bytes;
}

// The same is asked again for half as much, until it is one row.
HubPull::Said HubPull::cut_smaller(const Said& said, std::uint64_t remaining) {
  Said instead;
  const std::uint64_t items = rows_in(*said.changes) + said.changes->conflicts.size();
  if (size_.rows_max >> halvings_ > 1 && items > 1) {
    ++halvings_;
    return instead;
  }
  const std::uint64_t ack = said.ack ? bytes_on_wire_max(encode(*said.ack).size(), Way::down) : 0;
  instead.over_budget = OverBudget{ack + bytes_on_wire_max(encode(*said.changes).size(), Way::down),
                                   rows_in(*said.changes) + remaining};
  return instead;
}

}  // namespace doorstep
