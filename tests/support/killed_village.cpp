#include "tests/support/killed_village.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <sstream>
#include <thread>

#include "engine/core/bytes.hpp"

namespace doorstep::test {
namespace {

const std::string one_supply = " where id = (select min(id) from supply)";
const std::string stock_of = "select stock from supply" + one_supply;
constexpr int killed = 128 + SIGKILL;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Every value of a table in the village, rows in the order of their keys.
std::string rows_select(const Phone& phone, const std::string& table) {
  return "select " +
         phone.read(
             "select group_concat('quote(' || name || ')', ' || '','' || ') from "
             "pragma_table_info('" +
             table + "')") +
         " from " + table + " order by id";
}

}  // namespace

KilledVillage::KilledVillage(std::uint64_t seed, bool keep)
    : folder_("killed", keep),
      hub_(folder_.file("hub")),
      a_(folder_.file("a.db"), "A"),
      b_(folder_.file("b.db"), "B"),
      random_(seed) {
  expect_done(hub_.made(), "a hub is made");
  expect_done(hub_.command({"load", "--sample", "dushi"}), "the sample is loaded");
  hub_.serve();
  for (const Phone* phone : {&a_, &b_}) {
    expect_done(phone->enrol(hub_), phone->name() + " enrols");
    expect_done(phone->sync(), phone->name() + " loads the village");
  }
  const auto began = std::chrono::steady_clock::now();
  expect_done(a_.sync(), "A syncs");
  const auto took = std::chrono::steady_clock::now() - began;
  sync_us_ =
      std::max(sync_us_, static_cast<std::uint64_t>(
                             std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  const std::string stock = a_.read(stock_of);
  const auto read = std::from_chars(stock.data(), stock.data() + stock.size(), stock_before_);
  expect(read.ec == std::errc{}, "there is a supply to take from, not '" + stock + "'");
}

KilledVillage::Payment KilledVillage::draw() {
  std::array<std::uint8_t, 16> key{};
  random_.fill(key);
  Payment drawn;
  drawn.id = to_hex(ByteView(key));
  drawn.fen = static_cast<std::int64_t>(1 + random_.below(5000));
  drawn.sql =
      "insert into fund_entry (id, village_code, kind, amount_fen, purpose, entered_on) values "
      "(x'" +
      drawn.id + "', '" + dushi + "', 'payout', " + std::to_string(-drawn.fen) +
      ", 'kill', '2026-11-21'); update supply set stock = stock - 1" + one_supply;
  return drawn;
}

void KilledVillage::pay(const Phone& phone) {
  const Payment drawn = draw();
  expect_done(phone.sql(drawn.sql), phone.name() + " pays");
  payments_[drawn.id] = drawn.fen;
}

void KilledVillage::pay_and_kill(const Phone& phone) {
  const Payment drawn = draw();
  Process writing = phone.start({"sql", drawn.sql});
  sleep_a_little();
  writing.signal(SIGKILL);
  const int ended = writing.wait();
  count_kill(ended);
  const bool there =
      phone.read("select count(*) from fund_entry where id = x'" + drawn.id + "'") == "1";
  expect(there || ended == killed, phone.name() + " paid and the file does not have it");
  if (there) payments_[drawn.id] = drawn.fen;
}

void KilledVillage::sync_and_kill(bool may_end) {
  Process first = a_.start({"sync", "--json", "--attempts", "50"});
  Process second = b_.start({"sync", "--json", "--attempts", "50"});
  sleep_a_little();
  first.signal(SIGKILL);
  sleep_a_little();
  hub_.kill();
  hubs_killed_ += 1;
  count_kill(first.wait());
  hub_.serve();
  expect(hub_.serving(), "the hub starts again");
  // Waiting for its back-off each time proves no more than now and then.
  if (!may_end) second.signal(SIGKILL);
  const int ended = second.wait();
  expect(ended == 0 || (ended == killed && !may_end),
         "B's sync ended with " + std::to_string(ended));
  count_kill(ended);
}

void KilledVillage::sleep_a_little() {
  std::this_thread::sleep_for(std::chrono::microseconds(random_.below(sync_us_)));
}

void KilledVillage::converge() {
  if (!hub_.serving()) hub_.serve();
  for (const Phone* phone : {&a_, &b_, &a_, &b_}) {
    expect_done(phone->sync(), phone->name() + " syncs with nobody killed");
  }
}

void KilledVillage::check() {
  for (const Phone* phone : {&a_, &b_}) {
    check_payments(phone->file());
    const Json status = phone->status();
    expect(status.number("pending") == 0, phone->name() + " has nothing pending");
    expect(status.boolean("up_to_date"), phone->name() + " is up to date");
    expect_done(phone->command({"verify"}), phone->name() + " verifies");
  }
  check_payments(hub_.database());
  expect_done(hub_.command({"verify"}), "the hub verifies");
  const std::string digests = a_.status().text("scopes");
  expect(digests.find("digest") != std::string::npos && digests == b_.status().text("scopes"),
         "both phones have the same digests");
  check_rows();
}

void KilledVillage::check_payments(const std::string& file) {
  std::vector<std::string> expected;
  for (const auto& [id, fen] : payments_) expected.push_back(id + "|" + std::to_string(-fen));
  const auto found =
      lines_of(plain_read(file,
                          "select lower(hex(id)), amount_fen from fund_entry where purpose = "
                          "'kill' order by id"));
  std::vector<std::string> lost;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::back_inserter(lost));
  std::vector<std::string> strange;
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                      std::back_inserter(strange));
  for (const std::string& entry : lost) expect(false, file + " lost " + entry);
  for (const std::string& entry : strange) expect(false, file + " has a strange " + entry);
  const std::string stock = plain_read(file, stock_of);
  const std::int64_t left = stock_before_ - static_cast<std::int64_t>(payments_.size());
  expect(stock == std::to_string(left),
         file + " counts " + stock + " in stock, not " + std::to_string(left));
}

void KilledVillage::check_rows() {
  const std::string tables =
      "select name from sqlite_master where type = 'table' and name not like 'ds\\_%' escape '\\' "
      "and name <> 'org_unit' order by name";
  const auto names = lines_of(a_.read(tables));
  expect(names.size() >= 8, "the village has its tables");
  for (const std::string& table : names) {
    const std::string select = rows_select(a_, table);
    const std::string rows = a_.read(select);
    expect(!rows.empty() || a_.read("select count(*) from " + table) == "0", table + " is read");
    expect(rows == b_.read(select), "A and B differ in " + table);
    expect(rows == plain_read(hub_.database(), select), "A and the hub differ in " + table);
  }
}

void KilledVillage::count_kill(int status) { devices_killed_ += status == killed ? 1 : 0; }

void KilledVillage::expect(bool holds, const std::string& what) {
  if (!holds) problems_.push_back(what);
}

void KilledVillage::expect_done(const Finished& done, const std::string& what) {
  expect(done.status == 0,
         what + ": status " + std::to_string(done.status) + ", " + done.err + done.out);
}

std::string KilledVillage::all_problems() const {
  std::string all;
  for (const std::string& problem : problems_) all += problem + "\n";
  return all;
}

}  // namespace doorstep::test
