#include "tests/fuzz/fuzz_targets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/core/json.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/stored_body.hpp"
#include "schema/loader.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

std::string_view as_text(ByteView input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

// What can be read is written in one form only, which is read as the same.
void recode_twice(const std::string& form, ByteView input) {
  const Result<Bytes> once = recode(form, input);
  if (!once.ok()) return;
  const Result<Bytes> twice = recode(form, *once);
  require(twice.ok(), "what was written can be read");
  require(*twice == *once, "writing what was read changes nothing");
}

void enrolment_code(ByteView input) {
  const Result<EnrolmentCode> code = EnrolmentCode::parse(as_text(input));
  if (!code.ok()) return;
  const Result<EnrolmentCode> again = EnrolmentCode::parse(code->text());
  require(again.ok(), "a code that was read can be written and read");
  require(again->secret == code->secret && again->hub_fingerprint == code->hub_fingerprint,
          "a code means the same however it is spelt");
}

// Frames of a connection: each begins with two bytes that say how long it is.
void frames(ByteView input) {
  FrameDecoder decoder;
  while (input.size() >= 2) {
    const std::size_t said = std::size_t{input[0]} << 8 | input[1];
    const std::size_t size = std::min(said, input.size() - 2);
    const Result<Bytes> message = decoder.decode(input.subspan(2, size));
    if (!message.ok()) return;
    require(message->size() <= limits::message_bytes_max, "a message is bounded after expansion");
    input = input.subspan(2 + size);
  }
}

void json(ByteView input) {
  const std::string_view text = as_text(input);
  std::size_t at = 0;
  skip_json_space(text, at);
  const auto read = read_json_string(text, at);
  if (read) {
    std::string written;
    append_json_string(written, *read);
    require(is_json(written), "a string that was read is written as JSON");
    std::size_t again_at = 0;
    require(read_json_string(written, again_at) == read, "a string stays the same");
  }
  if (is_json(text)) require(text.find('\0') == std::string_view::npos, "no U+0000 in JSON");
}

void message(ByteView input) { recode_twice("message", input); }

void schema(ByteView input) {
  const Result<Schema> read = load_schema(as_text(input), "fuzz.toml");
  if (!read.ok()) {
    require(read.error().code == ErrorCode::schema_invalid, "every error is schema_invalid");
    require(read.error().detail.find("fuzz.toml") != std::string::npos, "an error names its place");
    return;
  }
  const Result<Schema> again = load_schema(read->source(), "again.toml");
  require(again.ok() && again->fingerprint() == read->fingerprint(), "a schema keeps its source");
}

constexpr std::array<const char*, 3> stored_forms{"image", "exceptions", "outcome"};
constexpr std::uint8_t packed_form = 'p';  // of the first byte, beside those

// An outbox body: packed or as it is, it is bounded, and packing it keeps it.
void outbox_body(ByteView input) {
  const Result<Bytes> body = body_of(input);
  if (!body.ok()) return;
  require(body->size() <= std::max(input.size(), limits::transaction_bytes_max),
          "a body is bounded after expansion");
  const std::optional<Bytes> packed = BodyPacker().packed(*body);
  if (!packed) return;
  const Result<Bytes> again = body_of(*packed);
  require(again.ok() && *again == *body, "a body that was packed is the same");
}

// The first byte says which form.
void stored(ByteView input) {
  if (input.empty()) return;
  if (input[0] == packed_form) return outbox_body(input.subspan(1));
  recode_twice(stored_forms[input[0] % stored_forms.size()], input.subspan(1));
}

void transaction(ByteView input) { recode_twice("transaction", input); }

constexpr std::array<FuzzTarget, 7> targets{{{"enrolment_code", enrolment_code},
                                             {"frames", frames},
                                             {"json", json},
                                             {"message", message},
                                             {"schema", schema},
                                             {"stored", stored},
                                             {"transaction", transaction}}};

// One of everything that the form of a schema has; small, so that a change of it meets something.
constexpr std::string_view small_schema = R"(name = "n"
version = 1
[tree]
table = "unit"
parent = "parent"
[tables.unit]
key = "code"
key_type = "text"
scope = "key"
[tables.unit.columns]
parent = { type = "text", references = "unit" }
[tables.door]
scope = "unit"
on_delete = "edit_wins"
[tables.door.columns]
unit = { type = "text", required = true, references = "unit" }
state = { type = "text", policy = "ranked", states = ["a", "b"] }
boxes = { type = "integer", policy = "counter" }
by = { type = "uuid", group = "claim" }
at = { type = "timestamp", group = "claim" }
[tables.door.match]
same = { similar = "state", equal = ["boxes"], within = "scope", score = 80 }
[tables.door.rules.enough]
broken_if = "select 1 from door where id = :id and boxes < 0"
message = "too few"
[tables.call]
via = "door"
append_only = true
corrects = "was"
[tables.call.columns]
door = { type = "uuid", references = "door" }
was = { type = "uuid", references = "call" }
[roles.worker]
door = "write"
call = { read = true, write = true, hidden = ["was"] }
)";

Bytes village_text() {
  std::ifstream file(source_dir() / "schema" / "village.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

void append_frame(Bytes& out, const Bytes& frame) {
  out.push_back(static_cast<std::uint8_t>(frame.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(frame.size() & 0xff));
  out.insert(out.end(), frame.begin(), frame.end());
}

std::vector<Bytes> frame_seeds() {
  Bytes plain;
  FrameEncoder plain_encoder;
  for (const NamedBytes& sample : sample_encodings())
    append_frame(plain, plain_encoder.encode(sample.bytes));
  std::vector<Bytes> seeds{std::move(plain)};
  for (const Flow flow : {Flow::alone, Flow::more, Flow::talk}) {
    Bytes compressed;
    FrameEncoder encoder;
    encoder.enable_compression(3);
    // Twice, for what comes again is what a kept message makes short.
    for (const NamedBytes& sample : sample_encodings()) {
      append_frame(compressed, encoder.encode(sample.bytes, flow));
      append_frame(compressed, encoder.encode(sample.bytes, flow));
    }
    seeds.push_back(std::move(compressed));
  }
  return seeds;
}

Bytes packed_seed() {
  const Bytes long_body(4096, std::uint8_t{'b'});
  Bytes seed{packed_form};
  const Bytes packed = BodyPacker().packed(long_body).value();
  seed.insert(seed.end(), packed.begin(), packed.end());
  return seed;
}

bool is_stored(const std::string& name) {
  return name == "transaction" ||
         std::find(stored_forms.begin(), stored_forms.end(), name) != stored_forms.end();
}

}  // namespace

std::span<const FuzzTarget> fuzz_targets() { return targets; }

const FuzzTarget* find_fuzz_target(std::string_view name) {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const FuzzTarget& target) { return target.name == name; });
  return found == targets.end() ? nullptr : found;
}

std::vector<Bytes> fuzz_seeds(std::string_view target) {
  if (target == "enrolment_code") {
    EnrolmentCode code;
    code.secret = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    code.hub_fingerprint = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    return {bytes_of(code.text())};
  }
  if (target == "frames") return frame_seeds();
  if (target == "json") {
    return {bytes_of(R"({"a":[1,-2.5e3,true,null,"\u4f60\ud83d\ude00\n"],"b":{}})"),
            bytes_of(R"( "quoted \" \\ \/ \b\f\r\t")")};
  }
  if (target == "schema") return {village_text(), bytes_of(small_schema)};
  std::vector<Bytes> seeds;
  if (target == "stored") seeds.push_back(packed_seed());
  for (const NamedBytes& sample : sample_encodings()) {
    const auto form = std::find(stored_forms.begin(), stored_forms.end(), sample.name);
    if (target == "stored" && form != stored_forms.end()) {
      Bytes seed{static_cast<std::uint8_t>(form - stored_forms.begin())};
      seed.insert(seed.end(), sample.bytes.begin(), sample.bytes.end());
      seeds.push_back(seed);
    }
    if (target == "transaction" && sample.name == "transaction") seeds.push_back(sample.bytes);
    if (target == "message" && !is_stored(sample.name)) seeds.push_back(sample.bytes);
  }
  return seeds;
}

}  // namespace doorstep::test
