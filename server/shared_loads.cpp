#include "server/shared_loads.hpp"

#include <utility>

#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"

namespace doorstep {
namespace {

// A shared frame is compressed once for many phones, so as hard as a phone compresses what it
// sends.
constexpr int compression_level = 6;

/// As a session would send it to a device that has nothing.
std::shared_ptr<const Bytes> frame_of(const FeedAnswer& answer) {
  Changes changes = answer.changes;
  changes.next = answer.next;
  FrameEncoder encoder;
  encoder.enable_compression(compression_level);
  return std::make_shared<const Bytes>(encoder.encode(encode(std::move(changes)), Flow::alone));
}

}  // namespace

/// Says that this thread is reading a batch; others that want it wait until it is done, well or
/// not.
class SharedLoads::Reading {
 public:
  Reading(SharedLoads& loads, const Key& key) : loads_(loads), key_(key) {}
  ~Reading() {
    const std::scoped_lock lock(loads_.mutex_);
    loads_.reading_.erase(key_);
    loads_.read_.notify_all();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  SharedLoads& loads_;
  const Key& key_;
};

bool SharedLoads::is_wanted(const Group& group, const DeviceId& device, Instant now) {
  const std::scoped_lock lock(mutex_);
  std::map<DeviceId, Instant>& asked = asked_[group];
  asked[device] = now;
  return asked.size() > 1;
}

SharedLoads::Key SharedLoads::key_of(Group group, const FeedQuestion& question) {
  const FeedRequest& request = question.request;
  return {std::move(group),     request.scan.position, request.scan.table, request.scan.ordinal,
          request.scan.started, request.rows_max,      request.bytes_max};
}

Result<FeedAnswer> SharedLoads::answer(HubSnapshot& snapshot, const FeedQuestion& question,
                                       Instant now) {
  if (!question.shareable) return answer_feed(snapshot, question);
  DS_ASSIGN(const auto device, snapshot.device(question.request.device));
  // What it has sent, or was, may have lost to others: that it is told alone.
  const bool alike = device && device->merged == Sequence{} && device->predecessor.is_none();
  if (!alike) return answer_feed(snapshot, question);
  Group group{snapshot.head().epoch(), snapshot.schemas().newest().fingerprint(), question.schema,
              device->role, question.request.scopes};
  if (!is_wanted(group, device->id, now)) return answer_feed(snapshot, question);
  DS_ASSIGN(const Position floor, snapshot.floor(question.request.scopes));
  const Key key = key_of(std::move(group), question);
  {
    std::unique_lock lock(mutex_);
    read_.wait(lock, [&] { return !reading_.contains(key); });
    const auto found = batches_.find(key);
    if (found != batches_.end() && floor <= found->second.next.started &&
        now - found->second.read <= kept_ms_max) {
      ++given_;
      FeedAnswer answer;
      answer.head = snapshot.head();
      answer.next = found->second.next;
      answer.frame = found->second.frame;
      answer.changes.remaining = found->second.remaining;
      return answer;
    }
    reading_.insert(key);
  }
  const Reading reading(*this, key);
  FeedQuestion asked = question;
  asked.request.own_left_out = false;  // it has none
  DS_ASSIGN(FeedAnswer answer, answer_feed(snapshot, asked));
  if (answer.complete || answer.below_floor) return answer;
  answer.frame = frame_of(answer);
  keep(key, {answer.frame, answer.next, answer.changes.remaining, now, 0});
  return answer;
}

void SharedLoads::keep(const Key& key, Batch batch) {
  const std::scoped_lock lock(mutex_);
  if (const auto old = batches_.find(key); old != batches_.end()) drop(old);
  batch.number = ++last_number_;
  bytes_ += batch.frame->size();
  oldest_first_.emplace(batch.number, key);
  batches_.emplace(key, std::move(batch));
  while (bytes_ > bytes_max_) drop(oldest());
}

SharedLoads::Batches::iterator SharedLoads::oldest() {
  return batches_.find(oldest_first_.begin()->second);
}

void SharedLoads::drop(Batches::iterator batch) {
  bytes_ -= batch->second.frame->size();
  oldest_first_.erase(batch->second.number);
  batches_.erase(batch);
}

void SharedLoads::look_after(Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto is_over = [&](const auto& asked) { return now - asked.second > kept_ms_max; };
  for (auto& [group, asked] : asked_) std::erase_if(asked, is_over);
  std::erase_if(asked_, [](const auto& one) { return one.second.empty(); });
  while (!oldest_first_.empty()) {
    const auto batch = oldest();
    if (now - batch->second.read <= kept_ms_max) return;
    drop(batch);
  }
}

SharedLoads::Figures SharedLoads::figures() const {
  const std::scoped_lock lock(mutex_);
  return {batches_.size(), bytes_, given_};
}

}  // namespace doorstep
