#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

Column column(std::string name, ColumnType type = ColumnType::text,
              MergePolicy policy = MergePolicy::latest) {
  Column out;
  out.name = std::move(name);
  out.type = type;
  out.policy = policy;
  return out;
}

Schema make_village_schema() {
  Table household;
  household.name = "household";
  household.columns = {column("village_code"),
                       column("phone"),
                       column("members", ColumnType::integer),
                       column("boxes", ColumnType::integer, MergePolicy::counter),
                       column("labels", ColumnType::text, MergePolicy::set),
                       column("area", ColumnType::real)};
  Table visit;
  visit.name = "visit";
  visit.append_only = true;
  visit.columns = {column("household_id", ColumnType::uuid),
                   column("happened_at", ColumnType::timestamp), column("kind"),
                   column("photo_seen", ColumnType::boolean)};
  visit.columns.front().references = TableId{0};
  visit.scope = {ScopeRule::Kind::via, ColumnId{0}};
  Table village;
  village.name = "village";
  village.key = "code";
  village.key_type = ColumnType::text;
  village.columns = {column("name")};
  village.scope = {ScopeRule::Kind::key, ColumnId{0}};
  Schema::Parts parts;
  parts.name = "dushi";
  parts.tables = {household, visit, village};
  parts.source = "# a village";
  return Schema::make(std::move(parts)).value();
}

CellVersion version(std::uint64_t number, std::uint8_t author) {
  return {Position::of(1, number),
          id_from<DeviceId>(author),
          {1'792'000'000'000'000, 1'792'000'000'000'007}};
}

ClockProbe probe() { return {1'790'000'000'123, id_from<BootId>(0x20), 86'400'000}; }

Compare sample_compare() {
  BucketRows rows{{"household", 2, {0, 3}}, {uuid_row(0x10), uuid_row(0x12)}, {}};
  rows.sums = {0x0102030405060708, 0xf1f2f3f4f5f6f7f8};
  return {7, Compare::Step::rows, {rows}};
}

Compared sample_compared() {
  Compared said{7, Position::of(1, 40)};
  said.pending = 1;
  RowBlock held{"household", {}, true, {"village_code", "phone"}, {uuid_row(0x10)}, {}};
  held.cells = {Value::text("431224103212"), Value::text("broken")};
  RowBlock gone{"household", {}, false, {}, {uuid_row(0x12)}, {}};
  RowBlock shown{"household", {}, true, {"phone"}, {uuid_row(0x13)}, {Value::null()}};
  said.rows = {held, gone};
  said.shown = {shown};
  said.left_out = 2;
  return said;
}

Healed sample_healed() {
  TableDifference table{"household", 1, 0, 1};
  table.rows = {{uuid_row(0x10), RowDifference::Kind::changed, {"phone"}},
                {uuid_row(0x12), RowDifference::Kind::missing}};
  return {5, {table}};
}

Ack sample_ack() {
  Outcome rejected;
  rejected.kind = Outcome::Kind::rejected;
  rejected.reason = error(ErrorCode::parent_dead, "visit");
  Outcome dependent;
  dependent.kind = Outcome::Kind::depends_on;
  dependent.depends_on = Sequence{16};
  Outcome overdrawn;
  overdrawn.kind = Outcome::Kind::rejected;
  overdrawn.reason =
      error(ErrorCode::rule_broken, "table fund_entry, rule not_overdrawn: 余额不足");
  overdrawn.broken = BrokenRule{"fund_entry",
                                "not_overdrawn",
                                uuid_row(0x40),
                                "余额不足",
                                {{"balance_fen", Value::integer(-20'000)}}};
  return {Sequence{19},
          Instant{1'790'000'000'456},
          {{Sequence{15}, sample_outcome()},
           {Sequence{16}, rejected},
           {Sequence{17}, dependent},
           {Sequence{18}, overdrawn}},
          Position::of(1, 44)};
}

ConflictRecord sample_conflict() {
  ConflictRecord record;
  record.id = id_from<ConflictId>(0x60);
  record.table = "household";
  record.row = uuid_row(0x10);
  record.column = "phone";
  record.policy = MergePolicy::review;
  record.winner = {Value::text("13800000001"), version(41, 0xa0)};
  record.loser = {Value::text("13800000002"), version(42, 0xb0)};
  record.order_uncertain = true;
  record.state = ConflictState::decided;
  record.decision = version(43, 0xc0);
  record.position = Position::of(1, 42);
  return record;
}

Changes sample_changes() {
  RowBlock households{"household", {"431224103212"}, true, {"village_code", "members"}, {}, {}};
  for (std::uint8_t i = 0; i < 5; ++i) {
    households.rows.push_back(uuid_row(static_cast<std::uint8_t>(0x10 + i)));
    households.cells.push_back(Value::text("431224103212"));
    households.cells.push_back(Value::integer(100'000 + i));
  }
  const RowBlock village{"village",
                         {"431224103212"},
                         false,
                         {"name"},
                         {*RowId::from("431224103212")},
                         {Value::text("独石村")}};
  Changes changes;
  changes.from = Position::of(1, 40);
  changes.removals = {{"visit", {"431224103212"}, std::nullopt, {uuid_row(0x30), uuid_row(0x31)}},
                      {"household", {"431224103212"}, ScopeId{"431224103213"}, {uuid_row(0x32)}}};
  changes.rows = {households, village};
  changes.conflicts = {sample_conflict()};
  changes.checkpoint =
      Checkpoint{Position::of(1, 43),
                 id_from<CommitToken>(0x70),
                 Sequence{18},
                 {},
                 {},
                 {{{"431224103212"}, Digest{0x0102030405060708, 0x090a0b0c0d0e0f10}}}};
  changes.checkpoint->others_stand = true;
  changes.own_left_out = {3, 0xf1f2f3f4f5f6f7f8};
  return changes;
}

Pull sample_reconcile() {
  Pull pull;
  pull.cursor = Position::of(1, 40);
  pull.include = Sequence{18};
  pull.credit = 4;
  pull.sums = {{"household", 1, {0x0102030405060708, 0}}, {"visit", 0, {0xfffffffffffffffe}}};
  return pull;
}

Changes sample_refill() {
  Changes changes;
  changes.from = Position::of(1, 40);
  changes.next = ScanPoint{Position::of(1, 43), "~refill", 2, Position::of(1, 43), {}};
  changes.remaining = 12;
  changes.refill = Refill{true, {{"household", 1, {0}}, {"visit", 4, {2, 3, 15}}}};
  return changes;
}

Bytes encode_sample_state(const std::string& name) {
  const Table& table = village_schema().table(TableId{0});
  if (name == "transaction") return encode_transaction(village_schema(), sample_transaction());
  if (name == "image") return encode_image(table, sample_image());
  if (name == "exceptions") return encode_exceptions(village_schema(), sample_exceptions());
  return encode_outcome(sample_outcome());
}

Push sample_push_again() {
  Push push{Sequence{16},
            {encode_sample_state("transaction"), Bytes{0x80}},
            id_from<Hash>(0x90),
            {Position::of(1, 41), Position{}},
            id_from<Hash>(0xa0)};
  return push;
}

}  // namespace

const Schema& village_schema() {
  static const Schema schema = make_village_schema();
  return schema;
}

RowId uuid_row(std::uint8_t first) { return *RowId::from(id_from<DeviceId>(first).view()); }

std::vector<NamedMessage> sample_messages() {
  const std::vector<ScopeId> scopes = {{"431224103"}, {"431224103212"}};
  const std::vector<ScopeId> visible = {{"431224"}, {"431224103"}, {"431224103212"}};
  const auto signature = id_from<Signature>(0x80);
  const auto hub = id_from<HubId>(0x01);
  const auto schema = id_from<Fingerprint>(0x50);
  return {
      {"challenge",
       Challenge{1, 1, hub, id_from<PublicKey>(0x40), id_from<Nonce>(0x60), signature}},
      {"enrol", Enrol{1,
                      1,
                      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                      id_from<DeviceId>(0xa0),
                      id_from<PublicKey>(0xc0),
                      signature,
                      probe()}},
      {"enrolled", Enrolled{hub, "Qiaojiang", "Li Mei's phone", "volunteer", scopes, "# a village",
                            Instant{1'790'000'000'456}}},
      {"hello", Hello{1, 1, id_from<DeviceId>(0xa0), signature, schema, hub, Position::of(1, 40),
                      id_from<CommitToken>(0x70), Sequence{18}, probe(), "doorstep 0.1.0", 3,
                      id_from<Fingerprint>(0x58), id_from<Fingerprint>(0x60), Sequence{16},
                      9'663'676'416, 61'000, id_from<Hash>(0x98)}},
      {"welcome", Welcome{1, 1, Instant{1'790'000'000'456}, Sequence{15}, id_from<Hash>(0x90),
                          scopes, schema, 4'194'304, visible, true, "# a newer village"}},
      {"push",
       Push{Sequence{16}, {encode_sample_state("transaction"), Bytes{0x80}}, id_from<Hash>(0x90)}},
      {"ack", sample_ack()},
      {"pull", Pull{Position::of(1, 40),
                    ScanPoint{Position::of(1, 41), "household", 17, Position::of(1, 43),
                              id_from<Fingerprint>(0x60)},
                    Sequence{18},
                    true,
                    4,
                    id_from<Fingerprint>(0x58),
                    {{"431224103213"}},
                    {{"household", "solar_panels"}}}},
      {"credit", Credit{2, 48'000}},
      {"changes", sample_changes()},
      {"busy", Busy{1500}},
      {"error", ErrorMessage{404, "push before hello"}},
      {"restart", Restart{true}},
      {"salvage", Salvage{Sequence{17}, 1, 2, 3, sample_changes().rows}},
      {"salvaged", Salvaged{Sequence{17}, 1}},
      {"fork", Fork{id_from<DeviceId>(0x70), id_from<PublicKey>(0x90), id_from<Signature>(0xb0)}},
      {"forked", Forked{id_from<DeviceId>(0x70)}},
      {"restored", Restored{3, Position::of(1, 31), id_from<CommitToken>(0x70), Sequence{15},
                            id_from<Hash>(0x90), false}},
      {"compare", sample_compare()},
      {"compared", sample_compared()},
      {"healed", sample_healed()},
      {"heal-noted", HealNoted{5}},
      {"over-budget", OverBudget{812, 12'000}},
      {"remembered", Remembered{1, 1, id_from<CallKey>(0x10), id_from<Hash>(0x50)}},
      {"again", Again{id_from<Hash>(0x70), 1'790'000'000'123, 86'400'000, 700, true}},
      {"as-before", AsBefore{Instant{1'790'000'000'456}, std::nullopt}},
  };
}

Transaction sample_transaction() {
  Transaction transaction;
  transaction.observed = Position::of(1, 40);
  transaction.time = {probe(), Instant{1'789'999'000'000}};
  transaction.view = id_from<Fingerprint>(0x50);
  const TableId household{0};
  const TableId visit{1};
  RowChange insert{household, uuid_row(0x10), RowChange::Kind::insert, std::nullopt, {}};
  insert.cells = {{ColumnId{0}, Value::text("431224103212"), std::nullopt},
                  {ColumnId{3}, CounterDelta{-2}, std::nullopt},
                  {ColumnId{4}, SetEdit{{"left-behind"}, {"empty-nest"}}, std::nullopt},
                  {ColumnId{5}, Value::real(87.5), std::nullopt}};
  transaction.changes.push_back(insert);
  for (std::uint8_t i = 0; i < 5; ++i) {
    RowChange row{
        visit, uuid_row(static_cast<std::uint8_t>(0x30 + i)), RowChange::Kind::insert, {}, {}};
    row.cells = {{ColumnId{0}, Value::blob(uuid_row(0x10).view()), std::nullopt},
                 {ColumnId{1}, Value::integer(1'790'000'000'000 + i * 60'000), std::nullopt},
                 {ColumnId{2}, Value::text("festival"), std::nullopt},
                 {ColumnId{3}, Value::integer(1), std::nullopt}};
    transaction.changes.push_back(row);
  }
  RowChange update{household, uuid_row(0x11), RowChange::Kind::update, Position::of(1, 39), {}};
  update.cells = {{ColumnId{1}, Value::null(), std::nullopt},
                  {ColumnId{2}, Value::integer(4), Position::of(1, 30)}};
  transaction.changes.push_back(update);
  RowChange remove{household, uuid_row(0x12), RowChange::Kind::remove, std::nullopt, {}};
  remove.cells = {{ColumnId{1}, Value::null(), Position::of(1, 31)}};
  transaction.changes.push_back(remove);
  RowChange decide{household, uuid_row(0x13), RowChange::Kind::update, std::nullopt, {}};
  decide.cells = {{ColumnId{1}, Value::text("13800000001"), std::nullopt, Decision::decide}};
  transaction.changes.push_back(decide);
  RowChange keep{household, uuid_row(0x14),  RowChange::Kind::update, std::nullopt,
                 {},        Decision::decide};
  transaction.changes.push_back(keep);
  return transaction;
}

RowImage sample_image() {
  return {{Value::text("431224103212"), Value::null(), Value::integer(4), Value::integer(12),
           Value::text(R"(["empty-nest","left-behind"])"), Value::real(87.5)}};
}

StoredRow sample_exceptions() {
  CellState phone{ColumnId{1}, Position::of(1, 42), {}, {}, {}};
  phone.contributions = {{Value::text("13800000001"), version(41, 0xa0)},
                         {Value::null(), version(42, 0xb0)}};
  CellState labels{ColumnId{4}, Position::of(1, 40), {}, {}, {}};
  labels.elements = {{"empty-nest", version(39, 0xa0)}, {"left-behind", version(40, 0xb0)}};
  labels.decision = version(38, 0xb0);
  StoredRow row;
  row.cells = {phone, labels};
  row.decision = version(43, 0xa0);
  row.overruled = {version(36, 0xb0), version(37, 0xa0)};
  row.taken_along = {{TableId{1}, uuid_row(0x30)}, {TableId{2}, *RowId::from("431224103212")}};
  row.merged_into = uuid_row(0x11);
  return row;
}

Outcome sample_outcome() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::merged;
  outcome.lost = {{"household", uuid_row(0x10), "phone"},
                  {"village", *RowId::from("431224103212"), ""}};
  return outcome;
}

std::vector<NamedBytes> sample_encodings() {
  std::vector<NamedBytes> out;
  for (const NamedMessage& sample : sample_messages())
    out.push_back({sample.name, encode(sample.message)});
  out.push_back({"push-again", encode(sample_push_again())});
  out.push_back({"pull-reconcile", encode(sample_reconcile())});
  out.push_back({"changes-refill", encode(sample_refill())});
  for (const char* name : {"transaction", "image", "exceptions", "outcome"}) {
    out.push_back({name, encode_sample_state(name)});
  }
  return out;
}

Result<Bytes> recode(const std::string& name, ByteView bytes) {
  const Table& table = village_schema().table(TableId{0});
  if (name == "transaction") {
    DS_ASSIGN(const Transaction transaction, decode_transaction(village_schema(), bytes));
    return encode_transaction(village_schema(), transaction);
  }
  if (name == "image") {
    DS_ASSIGN(const RowImage image, decode_image(table, bytes));
    return encode_image(table, image);
  }
  if (name == "exceptions") {
    StoredRow row;
    DS_TRY(decode_exceptions(village_schema(), bytes, row));
    return encode_exceptions(village_schema(), row);
  }
  if (name == "outcome") {
    DS_ASSIGN(const Outcome outcome, decode_outcome(bytes));
    return encode_outcome(outcome);
  }
  DS_ASSIGN(const Message message, decode(bytes));
  return encode(message);
}

}  // namespace doorstep::test
