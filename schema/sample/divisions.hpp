// The organisation tree of the sample: Hunan, Huaihua, Xupu, Qiaojiang and its villages. Constant
// data.
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

}  // namespace doorstep::sample
