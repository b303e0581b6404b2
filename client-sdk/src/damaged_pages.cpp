#include "client-sdk/src/damaged_pages.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

// SQLite's file format (https://sqlite.org/fileformat2.html).
constexpr std::size_t file_header = 100;
constexpr std::size_t log_header = 32;
constexpr std::size_t frame_header = 24;
constexpr std::size_t default_page = 4096;
constexpr std::uint8_t table_leaf = 13;
constexpr std::uint8_t index_leaf = 10;
constexpr std::uint8_t index_inner = 2;
constexpr std::size_t payload_max = limits::transaction_bytes_max + limits::value_bytes_max;

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes) out = (out << 8U) | byte;
  return out;
}

bool is_page_size(std::uint64_t size) {
  return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

/// A number of SQLite's variable length at the beginning of `rest`, which is cut; nullopt: too
/// short.
std::optional<std::uint64_t> take_number(ByteView& rest) {
  constexpr std::size_t longest = 9;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < longest; ++i) {
    if (i >= rest.size()) return std::nullopt;
    const std::uint8_t byte = rest[i];
    if (i + 1 == longest) {
      out = (out << 8U) | byte;
    } else {
      out = (out << 7U) | (byte & 0x7FU);
    }
    if (byte < 0x80U || i + 1 == longest) {
      rest = rest.subspan(i + 1);
      return out;
    }
  }
  return std::nullopt;
}

std::size_t size_of(std::uint64_t serial) {
  constexpr std::array<std::size_t, 10> sizes{0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (serial < sizes.size()) return sizes[serial];
  return serial < 12 ? payload_max + 1 : static_cast<std::size_t>((serial - 12) / 2);
}

Value value_of(std::uint64_t serial, ByteView bytes) {
  if (serial == 0) return Value::null();
  if (serial == 8) return Value::integer(0);
  if (serial == 9) return Value::integer(1);
  const std::uint64_t number = big_endian(bytes.first(std::min<std::size_t>(bytes.size(), 8)));
  if (serial == 7) return Value::real(std::bit_cast<double>(number));
  if (serial < 7) {
    const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
    return Value::integer(static_cast<std::int64_t>(number << unused) >> unused);
  }
  return serial % 2 == 0 ? Value::blob(bytes) : Value::text(text_of(bytes));
}

/// nullopt when the bytes are no whole record.
std::optional<std::vector<Value>> values_of(ByteView payload) {
  ByteView rest = payload;
  const auto header = take_number(rest);
  const std::size_t used = payload.size() - rest.size();
  if (!header || *header < used || *header > payload.size()) return std::nullopt;
  ByteView types = payload.subspan(used, static_cast<std::size_t>(*header) - used);
  ByteView content = payload.subspan(static_cast<std::size_t>(*header));
  std::vector<Value> values;
  while (!types.empty()) {
    const auto serial = take_number(types);
    if (!serial || size_of(*serial) > content.size()) return std::nullopt;
    const std::size_t size = size_of(*serial);
    values.push_back(value_of(*serial, content.first(size)));
    content = content.subspan(size);
  }
  if (!content.empty() || values.empty()) return std::nullopt;
  return values;
}

}  // namespace

Result<DamagedPages> DamagedPages::open(const std::string& path, const ReplicaFiles& files) {
  DamagedPages pages;
  pages.path_ = path;
  pages.files_ = &files;
  DS_ASSIGN(const std::uint64_t size, files.size(path));
  DS_ASSIGN(Bytes header, files.read(path, 0, file_header));
  header.resize(file_header);
  std::uint64_t page_size = big_endian(ByteView(header).subspan(16, 2));
  if (page_size == 1) page_size = 65536;
  pages.page_size_ = is_page_size(page_size) ? static_cast<std::size_t>(page_size) : default_page;
  // A last page that was cut off is filled up with zeros.
  pages.page_count_ = static_cast<std::uint32_t>((size + pages.page_size_ - 1) / pages.page_size_);
  pages.read_log();
  return pages;
}

void DamagedPages::read_log() {
  log_ = files_->read_all(path_ + "-wal");
  const std::size_t step = frame_header + page_size_;
  for (std::size_t at = log_header; at + step <= log_.size(); at += step) {
    const ByteView frame = ByteView(log_).subspan(at, frame_header);
    log_pages_.push_back({at + frame_header, static_cast<std::uint32_t>(big_endian(frame.first(4))),
                          big_endian(frame.subspan(8, 8))});
  }
}

// Of the same writing of the log if it is there, else of the file.
Bytes DamagedPages::page(std::uint32_t number, std::optional<std::uint64_t> run) {
  if (run) {
    const auto found =
        std::find_if(log_pages_.rbegin(), log_pages_.rend(),
                     [&](const LogPage& one) { return one.number == number && one.run == *run; });
    if (found != log_pages_.rend()) {
      const ByteView bytes = ByteView(log_).subspan(found->offset, page_size_);
      return Bytes(bytes.begin(), bytes.end());
    }
  }
  Bytes bytes;
  if (number != 0 && number <= page_count_) {
    auto read = files_->read(path_, std::uint64_t{number - 1} * page_size_, page_size_);
    if (read) bytes = *std::move(read);
  }
  bytes.resize(page_size_);
  return bytes;
}

void DamagedPages::each(const std::function<void(FoundRecord)>& visit) {
  for (std::uint32_t number = 1; number <= page_count_; ++number) {
    read_page({page(number, std::nullopt), number == 1 ? file_header : 0, std::nullopt}, visit);
  }
  for (const LogPage& one : log_pages_) {
    const ByteView bytes = ByteView(log_).subspan(one.offset, page_size_);
    read_page({Bytes(bytes.begin(), bytes.end()), one.number == 1 ? file_header : 0, one.run},
              visit);
  }
}

void DamagedPages::read_page(const Page& page, const std::function<void(FoundRecord)>& visit) {
  const ByteView bytes(page.bytes);
  const std::uint8_t kind = bytes[page.header];
  if (kind != table_leaf && kind != index_leaf && kind != index_inner) return;
  const std::size_t pointers = page.header + (kind == index_inner ? 12 : 8);
  const auto count = static_cast<std::size_t>(big_endian(bytes.subspan(page.header + 3, 2)));
  for (std::size_t i = 0; i < count && pointers + 2 * i + 2 <= bytes.size(); ++i) {
    auto at = static_cast<std::size_t>(big_endian(bytes.subspan(pointers + 2 * i, 2)));
    if (kind == index_inner) at += 4;  // the page below it
    if (at < pointers || at >= bytes.size()) continue;
    ByteView rest = bytes.subspan(at);
    const auto size = take_number(rest);
    FoundRecord record;
    if (kind == table_leaf) {
      const auto rowid = take_number(rest);
      if (!rowid) continue;
      record.rowid = static_cast<std::int64_t>(*rowid);
    }
    if (!size || *size > payload_max) continue;
    const auto content = payload(page, bytes.size() - rest.size(), *size, kind == table_leaf);
    if (!content) continue;
    auto values = values_of(*content);
    if (!values) continue;
    record.values = *std::move(values);
    visit(std::move(record));
  }
}

// The part in the page, then the chain of overflow pages.
std::optional<Bytes> DamagedPages::payload(const Page& page, std::size_t at, std::uint64_t size,
                                           bool is_table) {
  const std::size_t usable = page_size_;
  const std::size_t most = is_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  const auto wanted = static_cast<std::size_t>(size);
  std::size_t here = wanted;
  if (wanted > most) {
    const std::size_t least = (usable - 12) * 32 / 255 - 23;
    const std::size_t fitting = least + (wanted - least) % (usable - 4);
    here = fitting <= most ? fitting : least;
  }
  const std::size_t end = at + here + (here < wanted ? 4 : 0);
  if (end > page.bytes.size()) return std::nullopt;
  const ByteView bytes(page.bytes);
  const ByteView first = bytes.subspan(at, here);
  Bytes out(first.begin(), first.end());
  if (here == wanted) return out;
  auto next = static_cast<std::uint32_t>(big_endian(bytes.subspan(at + here, 4)));
  while (out.size() < wanted) {
    if (next == 0) return std::nullopt;
    const Bytes more = this->page(next, page.log_run);
    const std::size_t part = std::min(wanted - out.size(), usable - 4);
    out.insert(out.end(), more.begin() + 4, more.begin() + 4 + static_cast<std::ptrdiff_t>(part));
    next = static_cast<std::uint32_t>(big_endian(ByteView(more).first(4)));
  }
  return out;
}

}  // namespace doorstep
