// The organisation tree of the sample: Hunan, Huaihua, Xupu, and below it Qiaojiang with its
// villages or the whole county. Constant data.
#pragma once

#include <span>
#include <string_view>

namespace doorstep::sample {

struct Division {
  std::string_view code;
  std::string_view level;  ///< province, prefecture, county, township or village
  std::string_view name;
  std::string_view parent;  ///< code; empty for the province
};

inline constexpr std::string_view dushi_code = "431224103212";

/// Parents before children.
[[nodiscard]] std::span<const Division> divisions_of_qiaojiang();
/// The whole county, its 25 townships and 412 villages; parents before children, villages by code.
[[nodiscard]] std::span<const Division> divisions_of_xupu();
/// What it is read from: code,level,name,parent_code, from china-division 2.7.0 (licence WTFPL).
[[nodiscard]] std::string_view xupu_divisions_text();

}  // namespace doorstep::sample
