#include "server/qr_text.hpp"

#include <qrencode.h>

#include <memory>

namespace doorstep {
namespace {

constexpr int quiet_zone = 4;

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

class Modules {
 public:
  explicit Modules(const QRcode& code) : code_(code) {}
  [[nodiscard]] int width() const { return code_.width; }
  [[nodiscard]] int side() const { return code_.width + 2 * quiet_zone; }
  [[nodiscard]] bool dark(int row, int column) const {
    const int y = row - quiet_zone;
    const int x = column - quiet_zone;
    if (y < 0 || x < 0 || y >= code_.width || x >= code_.width) return false;
    return (code_.data[y * code_.width + x] & 1U) != 0;
  }

 private:
  const QRcode& code_;
};

// With colours set, a block is dark ink on white. Without, most terminals are light on dark, so a
// block is what shines: the light modules.
std::string_view half_block(bool top, bool bottom) {
  if (top && bottom) return "█";
  if (top) return "▀";
  return bottom ? "▄" : " ";
}

Result<std::unique_ptr<QRcode, Free>> encode(std::string_view text) {
  std::unique_ptr<QRcode, Free> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M));
  if (!code) return error(ErrorCode::bad_value, "too long for a QR code");
  return code;
}

}  // namespace

Result<std::string> qr_text(std::string_view text, bool colours) {
  DS_ASSIGN(const auto code, encode(text));
  const Modules modules(*code);
  std::string out;
  for (int row = 0; row < modules.side(); row += 2) {
    if (colours) out += "\x1b[30;107m";
    for (int column = 0; column < modules.side(); ++column) {
      const bool top = modules.dark(row, column);
      const bool bottom = modules.dark(row + 1, column);
      out += colours ? half_block(top, bottom) : half_block(!top, !bottom);
    }
    if (colours) out += "\x1b[0m";
    out += '\n';
  }
  return out;
}

Result<std::vector<std::string>> qr_modules(std::string_view text) {
  DS_ASSIGN(const auto code, encode(text));
  const Modules modules(*code);
  std::vector<std::string> rows;
  for (int y = 0; y < modules.width(); ++y) {
    std::string& row = rows.emplace_back();
    for (int x = 0; x < modules.width(); ++x) {
      row += modules.dark(y + quiet_zone, x + quiet_zone) ? '1' : '0';
    }
  }
  return rows;
}

}  // namespace doorstep
