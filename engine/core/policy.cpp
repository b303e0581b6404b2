#include "engine/core/policy.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "engine/core/assert.hpp"
#include "engine/core/defect.hpp"

namespace doorstep {
namespace {

using Contributions = std::span<const Contribution>;

/// Ties are broken by author, so that two hubs or two orders of arrival give the same answer.
bool stamped_before(const Contribution& a, const Contribution& b) {
  if (a.version.stamp.hi != b.version.stamp.hi) return a.version.stamp.hi < b.version.stamp.hi;
  return a.version.author < b.version.author;
}

std::size_t latest_winner(const Column& /*column*/, Contributions all) {
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), stamped_before) -
                                  all.begin());
}

/// The queue's head; settle() has taken out claims that were given up.
std::size_t first_winner(const Column& /*column*/, Contributions all) {
  return DS_DEFECT("last_claim_wins") ? all.size() - 1 : 0;
}

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
std::size_t extreme_winner(const Column& /*column*/, Contributions all) {
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), less_extreme<sign>) -
                                  all.begin());
}

Value show_winner(Contributions all, std::size_t winner) { return all[winner].value; }

bool stands_when_equal(const Contribution& one, const Value& shown) { return one.value == shown; }

/// The newest text: a NULL among texts is not shown.
std::size_t newest_text(const Column& /*column*/, Contributions all) {
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

/// NULL lies before every state; a state that is not declared, after all of them.
std::size_t rank(const Column& column, const Value& value) {
  if (value.kind() != Value::Kind::text) return 0;
  const auto found = std::find(column.states.begin(), column.states.end(), value.as_text());
  return 1 + static_cast<std::size_t>(found - column.states.begin());
}

/// Equal states go by stamp.
std::size_t furthest_winner(const Column& column, Contributions all) {
  const auto behind = [&](const Contribution& a, const Contribution& b) {
    const std::size_t rank_a = rank(column, a.value);
    const std::size_t rank_b = rank(column, b.value);
    return rank_a != rank_b ? rank_a < rank_b : stamped_before(a, b);
  };
  return static_cast<std::size_t>(std::max_element(all.begin(), all.end(), behind) - all.begin());
}

bool is_further(const Column& column, const Value& standing, const Value& written) {
  // Of a state from a later schema nobody can say here whether it lies before or behind.
  if (!knows_state(column, standing) || !knows_state(column, written)) return false;
  return rank(column, standing) > rank(column, written);
}

using Shape = PolicyRules::Shape;

constexpr std::array integers = {ColumnType::integer};
constexpr std::array texts = {ColumnType::text};
constexpr std::array ordered = {ColumnType::integer, ColumnType::real, ColumnType::timestamp,
                                ColumnType::date,    ColumnType::text, ColumnType::boolean};

constexpr PolicyRules assigned(std::string_view name,
                               std::size_t (*winner)(const Column&, Contributions)) {
  PolicyRules rules;
  rules.name = name;
  rules.winner = winner;
  rules.show = show_winner;
  rules.stands = stands_when_equal;
  return rules;
}

constexpr PolicyRules latest_rules(std::string_view name) {
  PolicyRules rules = assigned(name, latest_winner);
  rules.plain = true;
  rules.by_stamp = true;
  return rules;
}

constexpr PolicyRules first_rules() {
  PolicyRules rules = assigned("first", first_winner);
  rules.plain = true;
  rules.settle = drop_given_up;
  return rules;
}

template <int sign>
constexpr PolicyRules extreme_rules(std::string_view name) {
  PolicyRules rules = assigned(name, extreme_winner<sign>);
  rules.types = ordered;
  return rules;
}

constexpr PolicyRules counter_rules() {
  PolicyRules rules;
  rules.name = "counter";
  rules.shape = Shape::sum;
  rules.types = integers;
  return rules;
}

constexpr PolicyRules set_rules() {
  PolicyRules rules;
  rules.name = "set";
  rules.shape = Shape::elements;
  rules.types = texts;
  return rules;
}

constexpr PolicyRules concat_rules() {
  PolicyRules rules = assigned("concat", newest_text);
  rules.types = texts;
  rules.by_stamp = true;
  rules.joins = true;
  rules.show = show_all_texts;
  rules.stands = stands_in_texts;
  return rules;
}

constexpr PolicyRules ranked_rules() {
  PolicyRules rules = assigned("ranked", furthest_winner);
  rules.types = texts;
  rules.has_states = true;
  rules.outlasts = is_further;
  return rules;
}

constexpr PolicyRules review_rules() {
  PolicyRules rules = latest_rules("review");
  rules.asks_person = true;
  return rules;
}

constexpr PolicyRules hub_rules() {
  PolicyRules rules = latest_rules("hub");
  rules.hub_only = true;
  return rules;
}

// The one list of policies, in the order of MergePolicy. A new one is added at the end.
constexpr std::array policies = {
    latest_rules("latest"), first_rules(), extreme_rules<1>("max"), extreme_rules<-1>("min"),
    counter_rules(),        set_rules(),   concat_rules(),          ranked_rules(),
    review_rules(),         hub_rules(),
};

}  // namespace

std::span<const PolicyRules> all_policies() { return policies; }

const PolicyRules& rules_of(MergePolicy policy) {
  const auto index = static_cast<std::size_t>(policy);
  DS_ASSERT(index < policies.size());
  return policies[index];
}

std::string_view name_of(MergePolicy policy) { return rules_of(policy).name; }

std::optional<MergePolicy> merge_policy_of(std::string_view name) {
  const auto found = std::find_if(policies.begin(), policies.end(),
                                  [&](const PolicyRules& rules) { return rules.name == name; });
  if (found == policies.end()) return std::nullopt;
  return static_cast<MergePolicy>(found - policies.begin());
}

bool knows_state(const Column& column, const Value& value) {
  return !rules_of(column.policy).has_states || rank(column, value) <= column.states.size();
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
