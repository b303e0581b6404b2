// The fields of each message, each way: what stands after the type number. The count of fields is
// the message's, so that codec.cpp can write the array that holds both. Pure.
#pragma once

#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// Number of fields without the type number.
[[nodiscard]] constexpr std::size_t field_count(const Challenge*) { return 6; }
[[nodiscard]] constexpr std::size_t field_count(const Enrol*) { return 7; }
[[nodiscard]] constexpr std::size_t field_count(const Enrolled*) { return 7; }
[[nodiscard]] constexpr std::size_t field_count(const Hello*) { return 18; }
[[nodiscard]] constexpr std::size_t field_count(const Welcome*) { return 11; }
[[nodiscard]] constexpr std::size_t field_count(const Push*) { return 5; }
[[nodiscard]] constexpr std::size_t field_count(const Ack*) { return 4; }
[[nodiscard]] constexpr std::size_t field_count(const Pull*) { return 11; }
[[nodiscard]] constexpr std::size_t field_count(const Credit*) { return 2; }
[[nodiscard]] constexpr std::size_t field_count(const Changes*) { return 9; }
[[nodiscard]] constexpr std::size_t field_count(const Busy*) { return 1; }
[[nodiscard]] constexpr std::size_t field_count(const ErrorMessage*) { return 2; }
[[nodiscard]] constexpr std::size_t field_count(const Restart*) { return 1; }
[[nodiscard]] constexpr std::size_t field_count(const Salvage*) { return 5; }
[[nodiscard]] constexpr std::size_t field_count(const Salvaged*) { return 2; }
[[nodiscard]] constexpr std::size_t field_count(const Fork*) { return 3; }
[[nodiscard]] constexpr std::size_t field_count(const Forked*) { return 1; }
[[nodiscard]] constexpr std::size_t field_count(const Restored*) { return 6; }
[[nodiscard]] constexpr std::size_t field_count(const Compare*) { return 3; }
[[nodiscard]] constexpr std::size_t field_count(const Compared*) { return 7; }
[[nodiscard]] constexpr std::size_t field_count(const Healed*) { return 2; }
[[nodiscard]] constexpr std::size_t field_count(const HealNoted*) { return 1; }
[[nodiscard]] constexpr std::size_t field_count(const OverBudget*) { return 2; }
[[nodiscard]] constexpr std::size_t field_count(const Remembered*) { return 4; }
[[nodiscard]] constexpr std::size_t field_count(const Again*) { return 5; }
[[nodiscard]] constexpr std::size_t field_count(const AsBefore*) { return 2; }

void write_fields(CborWriter& writer, const Challenge& message);
void write_fields(CborWriter& writer, const Enrol& message);
void write_fields(CborWriter& writer, const Enrolled& message);
void write_fields(CborWriter& writer, const Hello& message);
void write_fields(CborWriter& writer, const Welcome& message);
void write_fields(CborWriter& writer, const Push& message);
void write_fields(CborWriter& writer, const Ack& message);
void write_fields(CborWriter& writer, const Pull& message);
void write_fields(CborWriter& writer, const Credit& message);
void write_fields(CborWriter& writer, const Changes& message);
void write_fields(CborWriter& writer, const Busy& message);
void write_fields(CborWriter& writer, const ErrorMessage& message);
void write_fields(CborWriter& writer, const Restart& message);
void write_fields(CborWriter& writer, const Salvage& message);
void write_fields(CborWriter& writer, const Salvaged& message);
void write_fields(CborWriter& writer, const Fork& message);
void write_fields(CborWriter& writer, const Forked& message);
void write_fields(CborWriter& writer, const Restored& message);
void write_fields(CborWriter& writer, const Compare& message);
void write_fields(CborWriter& writer, const Compared& message);
void write_fields(CborWriter& writer, const Healed& message);
void write_fields(CborWriter& writer, const HealNoted& message);
void write_fields(CborWriter& writer, const OverBudget& message);
void write_fields(CborWriter& writer, const Remembered& message);
void write_fields(CborWriter& writer, const Again& message);
void write_fields(CborWriter& writer, const AsBefore& message);

void read_fields(CborReader& reader, Challenge& message);
void read_fields(CborReader& reader, Enrol& message);
void read_fields(CborReader& reader, Enrolled& message);
void read_fields(CborReader& reader, Hello& message);
void read_fields(CborReader& reader, Welcome& message);
void read_fields(CborReader& reader, Push& message);
void read_fields(CborReader& reader, Ack& message);
void read_fields(CborReader& reader, Pull& message);
void read_fields(CborReader& reader, Credit& message);
void read_fields(CborReader& reader, Changes& message);
void read_fields(CborReader& reader, Busy& message);
void read_fields(CborReader& reader, ErrorMessage& message);
void read_fields(CborReader& reader, Restart& message);
void read_fields(CborReader& reader, Salvage& message);
void read_fields(CborReader& reader, Salvaged& message);
void read_fields(CborReader& reader, Fork& message);
void read_fields(CborReader& reader, Forked& message);
void read_fields(CborReader& reader, Restored& message);
void read_fields(CborReader& reader, Compare& message);
void read_fields(CborReader& reader, Compared& message);
void read_fields(CborReader& reader, Healed& message);
void read_fields(CborReader& reader, HealNoted& message);
void read_fields(CborReader& reader, OverBudget& message);
void read_fields(CborReader& reader, Remembered& message);
void read_fields(CborReader& reader, Again& message);
void read_fields(CborReader& reader, AsBefore& message);

}  // namespace doorstep
