#include "tests/sim/shrink.hpp"

#include <algorithm>

namespace doorstep::sim {
namespace {

Script without(const Script& script, std::size_t from, std::size_t count) {
  Script less = script;
  const auto begin = less.lines.begin() + static_cast<std::ptrdiff_t>(from);
  const std::size_t end = std::min(from + count, script.lines.size());
  less.lines.erase(begin, less.lines.begin() + static_cast<std::ptrdiff_t>(end));
  return less;
}

/// One pass of every chunk of this size; true when something went.
bool drop_chunks(Script& script, std::size_t size,
                 const std::function<bool(const Script&)>& fails) {
  bool any = false;
  for (std::size_t from = 0; from < script.lines.size();) {
    Script less = without(script, from, size);
    if (fails(less)) {
      script = std::move(less);
      any = true;
    } else {
      from += size;
    }
  }
  return any;
}

// Phones are named by their place: only the last ones can go without renaming others.
void drop_phones(Script& script, const std::function<bool(const Script&)>& fails) {
  while (script.phones.size() > 1) {
    Script less = script;
    const std::string last = "phone" + std::to_string(less.phones.size());
    less.phones.pop_back();
    std::erase_if(less.lines, [&](const Line& line) { return line.actor == last; });
    if (!fails(less)) return;
    script = std::move(less);
  }
}

}  // namespace

Script shrink(Script script, const std::function<bool(const Script&)>& fails) {
  drop_phones(script, fails);
  for (std::size_t size = std::max<std::size_t>(script.lines.size() / 2, 1);; size /= 2) {
    while (drop_chunks(script, size, fails) && size == 1) {
    }
    if (size <= 1) break;
  }
  drop_phones(script, fails);
  return script;
}

}  // namespace doorstep::sim
