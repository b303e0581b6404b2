#include "server/contact_notes.hpp"

#include "engine/session/collect_dead.hpp"

namespace doorstep {

ContactNote note_of(const Hello& hello, Instant met) {
  return {hello.device,   met,           hello.cursor,
          hello.last,     hello.pending, met.ms - hello.clock.wall_ms,
          hello.software, hello.schema,  hello.free_bytes};
}

Status put_contact_notes(HubStore& store, const std::map<DeviceId, ContactNote>& notes, Instant now,
                         const CommitToken& token) {
  DS_ASSIGN(auto commit, store.begin());
  bool any = false;
  for (const auto& [id, note] : notes) {
    DS_ASSIGN(auto device, commit->device(id));
    if (!device) continue;
    device->last_contact = note.at;
    note_call(*device, note.cursor, note.last, note.pending);
    device->clock_offset_ms = note.clock_offset_ms;
    device->software = note.software;
    device->schema = note.schema;
    device->free_bytes = note.free_bytes;
    DS_TRY(commit->put_device(*device));
    any = true;
  }
  if (!any) return {};
  return commit->commit(now, token);
}

}  // namespace doorstep
