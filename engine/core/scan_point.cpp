#include "engine/core/scan_point.hpp"

#include <algorithm>

#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

/// Each word with its length before it, so that no two lists read the same.
void append(std::string& text, std::string_view word) {
  text += std::to_string(word.size()) + ":" + std::string(word) + " ";
}

Fingerprint fingerprint_of(const std::string& text) {
  const ByteView part = bytes_of(text);
  const Hash hash = hash_of({&part, 1});
  Fingerprint out;
  std::copy_n(hash.bytes.begin(), Fingerprint::size, out.bytes.begin());
  return out;
}

}  // namespace

Fingerprint scopes_fingerprint(std::span<const ScopeId> scopes) {
  if (scopes.empty()) return {};
  std::string text = "scopes ";
  for (const ScopeId& scope : scopes) append(text, scope.code);
  return fingerprint_of(text);
}

Fingerprint asked_fingerprint(std::span<const ScopeId> new_scopes,
                              std::span<const NewColumn> new_columns) {
  if (new_scopes.empty() && new_columns.empty()) return {};
  std::string text = "scopes ";
  for (const ScopeId& scope : new_scopes) append(text, scope.code);
  text += "columns ";
  for (const NewColumn& one : new_columns) {
    append(text, one.table);
    append(text, one.column);
  }
  return fingerprint_of(text);
}

}  // namespace doorstep
