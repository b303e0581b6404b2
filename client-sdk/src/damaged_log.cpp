#include "client-sdk/src/damaged_log.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "engine/core/bytes.hpp"

namespace doorstep {
namespace {

// SQLite's file format (https://sqlite.org/fileformat2.html#walformat).
constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682;  // the last bit: sums are of big-endian words
constexpr std::size_t usual_page = 4096;

std::uint32_t word(ByteView bytes, std::size_t at, bool big) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    out = (out << 8U) | bytes[at + (big ? i : 3 - i)];
  }
  return out;
}

using Sum = std::pair<std::uint32_t, std::uint32_t>;

Sum add(Sum sum, ByteView bytes, bool big) {
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    sum.first += word(bytes, at, big) + sum.second;
    sum.second += word(bytes, at + 4, big) + sum.first;
  }
  return sum;
}

Sum sum_at(ByteView bytes, std::size_t at) {
  return {word(bytes, at, true), word(bytes, at + 4, true)};
}

}  // namespace

Status check_log(const std::string& replica_path, const ReplicaFiles& files) {
  const Bytes log = files.read_all(replica_path + "-wal");
  const ByteView bytes(log);
  if (bytes.size() < header_bytes + frame_bytes) return {};
  const bool big = (word(bytes, 0, true) & 1U) != 0;
  Sum sum = add({0, 0}, bytes.first(24), big);
  // SQLite makes the header durable before the first frame, so a power cut leaves it whole.
  bool sound = (word(bytes, 0, true) & ~1U) == magic && sum == sum_at(bytes, 24);
  const std::size_t page = sound ? word(bytes, 8, true) : usual_page;
  const Sum salt = sum_at(bytes, sound ? 16 : header_bytes + 8);
  int commits_behind = 0;
  for (std::size_t at = header_bytes; at + frame_bytes + page <= bytes.size();
       at += frame_bytes + page) {
    const ByteView frame = bytes.subspan(at, frame_bytes + page);
    const bool same_run = sum_at(frame, 8) == salt;
    if (sound) {
      sum = add(add(sum, frame.first(8), big), frame.subspan(frame_bytes), big);
      sound = same_run && sum == sum_at(frame, 16);
    } else if (same_run && word(frame, 4, true) != 0) {
      ++commits_behind;
    }
  }
  if (commits_behind < 2) return {};
  return error(ErrorCode::corrupt, "the write-ahead log is damaged; " +
                                       std::to_string(commits_behind) + " commits stand behind it");
}

}  // namespace doorstep
