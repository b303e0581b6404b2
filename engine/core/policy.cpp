#include "engine/core/policy.hpp"

#include <algorithm>
#include <string>

namespace doorstep {
namespace {

using Contributions = std::span<const Contribution>;

/// Ties are broken by author, so that two hubs or two orders of arrival give the same answer.
bool stamped_before(const Contribution& a, const Contribution& b) {
  if (a.version.stamp.hi != b.version.stamp.hi) return a.version.stamp.hi < b.version.stamp.hi;
  return a.version.author < b.version.author;
}

std::size_t latest_winner(Contributions all) {
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), stamped_before) -
                                  all.begin());
}

/// The queue's head; settle() has taken out claims that were given up.
std::size_t first_winner(Contributions /*all*/) { return 0; }

/// A NULL is a claim given up: it stands only where nobody else claims.
void drop_given_up(std::vector<Contribution>& all) {
  const bool claimed =
      std::any_of(all.begin(), all.end(), [](const Contribution& c) { return !c.value.is_null(); });
  if (!claimed) return;
  std::erase_if(all, [](const Contribution& c) { return c.value.is_null(); });
}

/// `sign` 1 for the largest, -1 for the smallest. NULL never beats a value; equal ones go by stamp.
template <int sign>
bool less_extreme(const Contribution& a, const Contribution& b) {
  if (a.value.is_null() != b.value.is_null()) return a.value.is_null();
  const int order = sign * Value::compare(a.value, b.value);
  return order != 0 ? order < 0 : stamped_before(a, b);
}

template <int sign>
std::size_t extreme_winner(Contributions all) {
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), less_extreme<sign>) -
                                  all.begin());
}

Value show_winner(Contributions all, std::size_t winner) { return all[winner].value; }

bool stands_when_equal(const Contribution& one, const Value& shown) { return one.value == shown; }

/// The newest text: a NULL among texts is not shown.
std::size_t newest_text(Contributions all) {
  const auto older = [](const Contribution& a, const Contribution& b) {
    if (a.value.is_null() != b.value.is_null()) return a.value.is_null();
    return stamped_before(a, b);
  };
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), older) - all.begin());
}

/// All texts in stamp order, each once, one below the other. A lone contribution is shown as it is.
Value show_all_texts(Contributions all, std::size_t /*winner*/) {
  std::vector<const Contribution*> ordered;
  for (const Contribution& one : all) {
    if (one.value.kind() == Value::Kind::text) ordered.push_back(&one);
  }
  if (ordered.empty()) return Value::null();
  std::sort(ordered.begin(), ordered.end(),
            [](const Contribution* a, const Contribution* b) { return stamped_before(*a, *b); });
  std::string joined;
  std::vector<std::string_view> seen;
  for (const Contribution* one : ordered) {
    const std::string_view text = one->value.as_text();
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
    if (!seen.empty()) joined += '\n';
    joined += text;
    seen.push_back(text);
  }
  return Value::text(std::move(joined));
}

bool stands_in_texts(const Contribution& one, const Value& shown) {
  return !one.value.is_null() || shown.is_null();
}

using Shape = PolicyRules::Shape;

constexpr PolicyRules latest_rules{Shape::assignments, true,        nullptr,
                                   latest_winner,      show_winner, stands_when_equal};
constexpr PolicyRules first_rules{Shape::assignments, false,       drop_given_up,
                                  first_winner,       show_winner, stands_when_equal};
constexpr PolicyRules max_rules{Shape::assignments, false,       nullptr,
                                extreme_winner<1>,  show_winner, stands_when_equal};
constexpr PolicyRules min_rules{Shape::assignments, false,       nullptr,
                                extreme_winner<-1>, show_winner, stands_when_equal};
constexpr PolicyRules concat_rules{Shape::assignments, true,           nullptr,
                                   newest_text,        show_all_texts, stands_in_texts};
constexpr PolicyRules counter_rules{Shape::sum, false, nullptr, nullptr, nullptr, nullptr};
constexpr PolicyRules set_rules{Shape::elements, false, nullptr, nullptr, nullptr, nullptr};

}  // namespace

const PolicyRules& rules_of(MergePolicy policy) {
  switch (policy) {
    case MergePolicy::first:
      return first_rules;
    case MergePolicy::max:
      return max_rules;
    case MergePolicy::min:
      return min_rules;
    case MergePolicy::concat:
      return concat_rules;
    case MergePolicy::counter:
      return counter_rules;
    case MergePolicy::set:
      return set_rules;
    case MergePolicy::latest:
    case MergePolicy::ranked:
    case MergePolicy::review:
    case MergePolicy::hub:
      return latest_rules;
  }
  return latest_rules;
}

std::int64_t counter_of(const Value& value) {
  return value.kind() == Value::Kind::integer ? value.as_integer() : 0;
}

std::int64_t add_counters(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t subtract_counters(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace doorstep
