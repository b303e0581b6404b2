#include "engine/core/set_value.hpp"

#include <algorithm>
#include <iterator>

#include "engine/core/json.hpp"

namespace doorstep {

std::optional<SetElements> parse_set(const Value& value) {
  if (value.is_null()) return SetElements{};
  if (value.kind() != Value::Kind::text) return std::nullopt;
  const std::string_view text = value.as_text();
  std::size_t at = 0;
  const auto take = [&](char c) {
    skip_json_space(text, at);
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
  };
  SetElements elements;
  if (!take('[')) return std::nullopt;
  if (!take(']')) {
    do {
      skip_json_space(text, at);
      auto element = read_json_string(text, at);
      if (!element) return std::nullopt;
      elements.push_back(std::move(*element));
    } while (take(','));
    if (!take(']')) return std::nullopt;
  }
  skip_json_space(text, at);
  if (at != text.size()) return std::nullopt;
  std::sort(elements.begin(), elements.end());
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  return elements;
}

Value format_set(const SetElements& elements) {
  if (elements.empty()) return Value::null();
  std::string out = "[";
  for (const std::string& element : elements) {
    if (out.size() > 1) out += ',';
    append_json_string(out, element);
  }
  out += ']';
  return Value::text(std::move(out));
}

SetEdit diff_sets(const SetElements& before, const SetElements& after) {
  SetEdit edit;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(edit.adds));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(edit.removes));
  return edit;
}

SetElements apply_edit(SetElements before, const SetEdit& edit) {
  SetElements kept;
  std::set_difference(before.begin(), before.end(), edit.removes.begin(), edit.removes.end(),
                      std::back_inserter(kept));
  SetElements after;
  std::set_union(kept.begin(), kept.end(), edit.adds.begin(), edit.adds.end(),
                 std::back_inserter(after));
  return after;
}

}  // namespace doorstep
