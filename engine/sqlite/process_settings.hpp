// What holds for every SQLite connection of a process. For programs that are ours alone: an app
// that carries the SDK decides for itself.
#pragma once

namespace doorstep::sqlite {

/// SQLite counts no memory: the counting takes a lock that all threads share for every piece, 1 %
/// of a merge and 3 % of a phone's first load, and nobody reads it. Must be called before the first
/// connection is opened; later it does nothing.
void count_no_memory();

}  // namespace doorstep::sqlite
