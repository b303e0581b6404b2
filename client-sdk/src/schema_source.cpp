#include "client-sdk/src/schema_source.hpp"

#include "schema/loader.hpp"

namespace doorstep {

Result<Schema> load_schema_source(std::string_view text, const ReplicaSeams& seams) {
  if (seams.load_schema) return seams.load_schema(text);
  return load_schema(text, "the replica's schema");
}

}  // namespace doorstep
