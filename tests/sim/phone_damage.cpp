// A phone's file is hurt below SQLite, and its user does what the guide says: the app is closed,
// the production rescue runs on the simulated disk, the sealed file goes to the township.
#include <algorithm>
#include <utility>

#include "client-sdk/src/rescue.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"
#include "tests/sim/workload.hpp"

namespace doorstep::sim {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t sector_bytes = 512;
constexpr std::uint64_t bookkeeping_tables = 12;
/// Of the file's header, so that it can be told what it was (docs/guide/when-a-phone-breaks.md).
constexpr std::uint64_t least_bytes = 100;
constexpr std::int64_t notices_ms = 1000;
constexpr std::int64_t tries_again_ms = 60'000;

enum class Harm : std::uint8_t { bit, sector, log_lost, log_bit, cut_short };
enum class Where : std::uint8_t { anywhere, header, bookkeeping };
enum class While : std::uint8_t { it_runs, killed, without_power, closed };

void spoil(std::vector<std::uint8_t>& bytes, Harm harm, std::uint64_t at) {
  if (at >= bytes.size()) return;
  if (harm != Harm::sector) {
    bytes[at] ^= static_cast<std::uint8_t>(1U << (at % 7));
    return;
  }
  const std::uint64_t from = at / sector_bytes * sector_bytes;
  const std::uint64_t to = std::min<std::uint64_t>(from + sector_bytes, bytes.size());
  const std::uint8_t with = at % 2 == 0 ? 0 : 0xA5;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
            bytes.begin() + static_cast<std::ptrdiff_t>(to), with);
}

}  // namespace

bool SimPhone::take_damage(const Line& line) {
  if (line.verb == "damage") {
    damage(line);
  } else if (line.verb == "rescue") {
    if (!disk_.faulty() && !keys_lost_) look_after();
  } else if (line.verb == "import") {
    hand_in();
  } else {
    return false;
  }
  return true;
}

void SimPhone::damage(const Line& line) {
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(line.number(name));
  };
  const auto harm = static_cast<Harm>(count("harm") % 5);
  const auto where = static_cast<Where>(count("where") % 3);
  auto when = static_cast<While>(count("while") % 4);
  const bool is_log = harm == Harm::log_lost || harm == Harm::log_bit;
  if (harm == Harm::cut_short && when == While::it_runs) when = While::closed;
  if (is_log && when != While::without_power) when = While::killed;
  std::uint64_t page = count("page");
  // Of all tables, or those in which every bit is to be noticed.
  const bool by_name = page / bookkeeping_tables % 2 == 0;
  if (where == Where::bookkeeping && up()) {
    const std::string which = by_name ? "LIKE 'ds_%' ORDER BY name LIMIT 1 OFFSET " +
                                            std::to_string(page % bookkeeping_tables)
                              : page % 2 == 0 ? "= 'ds_state'"
                                              : "= 'ds_outbox'";
    const auto root = window_->number(
        "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name " + which);
    if (root && *root > 0) page = static_cast<std::uint64_t>(*root) - 1;
  }
  if (where == Where::header) page = 0;
  if (up() && when == While::closed) {
    stop_politely();
    if (died()) return;
    context_.events.after(line.number("down"), [this, life = life_] {
      if (life == life_ && !up()) start();
    });
  } else if (up() && when != While::it_runs) {
    die(when == While::without_power, line.number("down"));
  }
  SimFile* file = disk_.find(path() + (is_log ? "-wal" : ""));
  if (file == nullptr || file->content.size() <= least_bytes) return;
  const std::uint64_t size = file->content.size();
  if (harm == Harm::log_lost) {
    disk_.remove(path() + "-wal");
  } else if (harm == Harm::cut_short) {
    const std::uint64_t rest = least_bytes + count("at") % (size - least_bytes);
    file->content.resize(rest);
    file->durable = file->content;
    file->unsynced.clear();
  } else {
    const std::uint64_t pages = (size + page_bytes - 1) / page_bytes;
    std::uint64_t in_page = count("at") % page_bytes;
    // Rows stand at a page's end.
    if (where == Where::bookkeeping && (!by_name || in_page % 4 != 0))
      in_page = page_bytes - 1 - (by_name ? in_page / 8 : in_page % 256);
    const std::uint64_t at = is_log ? count("at") % size : page % pages * page_bytes + in_page;
    spoil(file->content, harm, at);
    spoil(file->durable, harm, at);
  }
  witness_.damaged(*this, is_log || harm == Harm::cut_short);
}

// What an app takes for damage: everything that cannot come of links, of a full disk, or of what
// its user typed.
bool SimPhone::is_sick(ErrorCode code) const {
  if (!witness_.is_damaged(*this) || is_retryable(code) || is_refusal(code)) return false;
  switch (code) {
    case ErrorCode::io_error:
    case ErrorCode::disk_full:
      return !disk_.faulty();
    case ErrorCode::busy:
    case ErrorCode::unreachable:
    case ErrorCode::device_forked:
    case ErrorCode::device_revoked:
    case ErrorCode::device_lost:
      return false;
    default:
      return true;
  }
}

void SimPhone::look_after_soon() {
  context_.events.after(notices_ms, [this, life = life_] {
    if (life == life_) look_after();
  });
}

void SimPhone::look_after() {
  stop_politely();
  if (!died()) rescue();
}

void SimPhone::rescue() {
  auto report = rescue_replica(path(), seams());
  if (died()) return;
  if (!report) {
    context_.trace.note(name_, "cannot be rescued: " + report.error().text());
    // So little is left of it that nobody knows what it was.
    if (report.error().code == ErrorCode::not_a_replica && witness_.loses_silently(*this))
      return lose_keys();
    if (!disk_.faulty()) context_.wrong(name_ + " cannot be rescued: " + report.error().text());
    context_.events.after(tries_again_ms, [this, life = life_] {
      if (life == life_ && !up()) rescue();
    });
    return;
  }
  const bool found = !report->damage.empty();
  context_.trace.note(name_, found ? "is rescued: " + report->damage + "; " +
                                         std::to_string(report->unsent) + " unsent, " +
                                         std::to_string(report->left) + " sealed, " +
                                         std::to_string(report->unreadable) + " unreadable, " +
                                         (report->rows_kept ? "with" : "without") + " its rows"
                                   : "is sound");
  if (found && !witness_.is_damaged(*this)) context_.wrong(name_ + " is rescued, and was sound");
  if (found) {
    ++context_.counts.rescues;
    context_.counts.rows_kept += report->rows_kept ? 1U : 0U;
    context_.counts.rescued += report->unsent;
    context_.counts.sealed += report->left;
    context_.counts.unreadable += report->unreadable;
  }
  find_sealed_files();
  if (report->enrol_again) return lose_keys();
  looked_after_ = true;
  kept_rows_ = !found || report->rows_kept;
  start();
}

// Reports are lost with a process that dies; the files stay.
void SimPhone::find_sealed_files() {
  for (const auto& [file, content] : disk_.image()) {
    const bool sealed = file.find(".rescued-") != std::string::npos && !file.ends_with("-draft");
    if (!sealed) continue;
    auto work = decode_rescued(content);
    if (!work) {
      context_.wrong(name_ + "'s sealed file cannot be read: " + work.error().text());
      continue;
    }
    const std::array<ByteView, 1> parts{ByteView(content)};
    const auto [place, fresh] = sealed_.try_emplace(hash_of(parts));
    if (!fresh) continue;
    place->second = {*std::move(work), device_, false};
    witness_.sealed(*this, place->second.work);
  }
}

void SimPhone::hand_in() {
  for (auto& [hash, file] : sealed_) {
    if (!file.handed_in) file.handed_in = world_.hand_in(file.work, file.device);
  }
}

void SimPhone::lose_keys() {
  ++context_.counts.keys_lost;
  keys_lost_ = true;
  witness_.lost_its_keys(*this);
  begin_anew();
}

void SimPhone::begin_anew() {
  enrol_again();
  if (up()) return;
  context_.events.after(tries_again_ms, [this, life = life_] {
    if (life == life_ && keys_lost_) begin_anew();
  });
}

}  // namespace doorstep::sim
