#include "schema/sample/divisions.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace doorstep::sample {
namespace {

// Real administrative divisions, from china-division 2.7.0 (licence WTFPL): the way up from Dushi,
// and every village of its township.
constexpr std::array divisions = {
    Division{"43", "province", "湖南省", ""},
    Division{"4312", "prefecture", "怀化市", "43"},
    Division{"431224", "county", "溆浦县", "4312"},
    Division{"431224103", "township", "桥江镇", "431224"},
    Division{"431224103001", "village", "永兴街社区", "431224103"},
    Division{"431224103002", "village", "文明街社区", "431224103"},
    Division{"431224103200", "village", "沙湾村村委会", "431224103"},
    Division{"431224103201", "village", "萝卜田村委会", "431224103"},
    Division{"431224103202", "village", "林家坡村村委会", "431224103"},
    Division{"431224103203", "village", "章池村村委会", "431224103"},
    Division{"431224103204", "village", "菜园村村委会", "431224103"},
    Division{"431224103205", "village", "堰塘村村委会", "431224103"},
    Division{"431224103207", "village", "机坪村村委会", "431224103"},
    Division{"431224103210", "village", "曹坡村村委会", "431224103"},
    Division{"431224103211", "village", "白田村村委会", "431224103"},
    Division{"431224103212", "village", "独石村村委会", "431224103"},
    Division{"431224103214", "village", "板水村村委会", "431224103"},
    Division{"431224103218", "village", "白岩冲村村委会", "431224103"},
    Division{"431224103219", "village", "河上坡村村委会", "431224103"},
    Division{"431224103220", "village", "楚垅村村委会", "431224103"},
    Division{"431224103225", "village", "蛇湾村村委会", "431224103"},
    Division{"431224103229", "village", "红牛村村委会", "431224103"},
    Division{"431224103231", "village", "兴旺村村委会", "431224103"},
    Division{"431224103232", "village", "德垅湾村村委会", "431224103"},
    Division{"431224103234", "village", "大湾村村委会", "431224103"},
    Division{"431224103235", "village", "新渡村村委会", "431224103"},
    Division{"431224103238", "village", "黄潭村村委会", "431224103"},
    Division{"431224103239", "village", "八门垅村村委会", "431224103"},
    Division{"431224103241", "village", "新田村村委会", "431224103"},
    Division{"431224103242", "village", "双其村村委会", "431224103"},
    Division{"431224103243", "village", "紫荆村村委会", "431224103"},
    Division{"431224103249", "village", "楠竹坑村村委会", "431224103"},
    Division{"431224103250", "village", "灶坪村村委会", "431224103"},
};

std::string_view cut(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

std::vector<Division> read_divisions(std::string_view text) {
  std::vector<Division> all;
  cut(text, '\n');  // the header
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    Division unit;
    unit.code = cut(line, ',');
    unit.level = cut(line, ',');
    unit.name = cut(line, ',');
    unit.parent = line;
    all.push_back(unit);
  }
  // Shorter codes are further up.
  std::sort(all.begin(), all.end(), [](const Division& a, const Division& b) {
    return a.code.size() != b.code.size() ? a.code.size() < b.code.size() : a.code < b.code;
  });
  return all;
}

}  // namespace

std::span<const Division> divisions_of_xupu() {
  static const std::vector<Division> all = read_divisions(xupu_divisions_text());
  return all;
}

std::span<const Division> divisions_of_qiaojiang() { return divisions; }

}  // namespace doorstep::sample
