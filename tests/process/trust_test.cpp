// Who is let in: codes, keys, certificates, revocation; with real processes.
#include <doctest/doctest.h>

#include <filesystem>

#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct EmptyHub {
  ScratchFolder folder{"trust"};
  TownshipHub hub{folder.file("hub")};
  EmptyHub() { REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err); }
  [[nodiscard]] Phone phone(const std::string& name) const {
    return {folder.file(name + ".db"), name};
  }
};

/// Exit status 1, the catalogue's code in brackets, and no replica left behind.
void check_refused(const Finished& finished, const std::string& code) {
  CHECK(finished.status == 1);
  CHECK_MESSAGE(finished.err.find("[" + code + "]") != std::string::npos, finished.err);
}

}  // namespace

TEST_CASE_FIXTURE(EmptyHub,
                  "an enrolment code works once; an unknown one and a malformed one are refused") {
  hub.serve();
  const std::string code = hub.enrol("Wang");
  CHECK(phone("wang").enrol(hub, code).status == 0);
  check_refused(phone("thief").enrol(hub, code), "code_unknown");
  CHECK_FALSE(std::filesystem::exists(folder.file("thief.db")));
  std::string other = hub.enrol("Li");
  other[0] = other[0] == '7' ? '8' : '7';
  check_refused(phone("li").enrol(hub, other), "code_unknown");
  check_refused(phone("li").enrol(hub, "ABC"), "code_unknown");
  CHECK(phone("wang").sync().status == 0);
}

TEST_CASE_FIXTURE(
    EmptyHub, "a code of one hub is not good for another: the phone does not trust the stranger") {
  TownshipHub stranger(folder.file("stranger"));
  stranger.serve();
  hub.serve();
  check_refused(phone("wang").enrol(stranger, hub.enrol("Wang")), "hub_untrusted");
}

TEST_CASE_FIXTURE(EmptyHub,
                  "wss with a self-signed certificate: the code vouches for the hub, and a changed "
                  "certificate of the same hub is fine") {
  const auto make_certificate = [&] {
    return run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder.file("key.pem"), "-out",
                folder.file("cert.pem"), "-subj", "/CN=township", "-days", "30"})
        .status;
  };
  const std::vector<std::string> tls{"--tls-cert", folder.file("cert.pem"), "--tls-key",
                                     folder.file("key.pem")};
  REQUIRE(make_certificate() == 0);
  hub.serve(tls);
  REQUIRE(hub.url().starts_with("wss://"));
  const Phone wang = phone("wang");
  const Finished enrolled = wang.enrol(hub);
  REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
  CHECK(wang.sync().status == 0);
  hub.stop();
  REQUIRE(make_certificate() == 0);
  hub.serve(tls);
  CHECK(wang.sync().status == 0);
  CHECK(wang.status().boolean("up_to_date"));
}

TEST_CASE_FIXTURE(
    EmptyHub,
    "a revoked phone is told so, its live connection ends, what it still had goes up and nothing "
    "comes down") {
  hub.serve();
  const Phone wang = phone("wang");
  REQUIRE(wang.enrol(hub).status == 0);
  Process live = wang.start({"sync", "--live", "--json"});
  while (true) {
    const auto line = live.read_line();
    REQUIRE(line.has_value());
    if (Json(*line).boolean("live")) break;
  }
  const std::string device = wang.status().text("device");
  REQUIRE(hub.command({"revoke", device}).status == 0);
  CHECK(live.wait() == 1);
  REQUIRE(wang.sql("insert into household (id, village_code, villager_group, head_name) values "
                   "(uuid7(), '" +
                   dushi + "', 1, 'kept')")
              .status == 0);
  const Phone li = phone("li");
  REQUIRE(li.enrol(hub).status == 0);
  REQUIRE(li.sql("insert into household (id, village_code, villager_group, head_name) values "
                 "(uuid7(), '" +
                 dushi + "', 1, 'later')")
              .status == 0);
  REQUIRE(li.sync().status == 0);
  check_refused(wang.sync(), "device_revoked");
  CHECK(wang.status().number("pending") == 0);
  CHECK(wang.status().number("rejected") == 0);
  CHECK(wang.read("select head_name from household") == "kept");
  REQUIRE(li.sync().status == 0);
  CHECK(li.read("select count(*) from household") == "2");
}

TEST_CASE_FIXTURE(
    EmptyHub,
    "C5: a volunteer enrols again: what the old replica had not sent goes up under its "
    "own id, once, and the code is not spent on a file that is there") {
  hub.serve();
  const Phone old = phone("old");
  REQUIRE(old.enrol(hub).status == 0);
  REQUIRE(old.sync().status == 0);
  REQUIRE(old.sql("insert into household (id, village_code, villager_group, head_name) values "
                  "(uuid7(), '" +
                  dushi + "', 1, 'written before')")
              .status == 0);
  const std::string first = old.status().text("device");
  REQUIRE(hub.command({"revoke", first}).status == 0);

  const std::string code = hub.enrol("old");
  check_refused(old.enrol(hub, code), "already_exists");
  CHECK(old.status().text("device") == first);
  CHECK(old.status().number("pending") == 1);
  const Phone again = phone("again");
  REQUIRE(again.enrol(hub, code).status == 0);
  REQUIRE(again.sync().status == 0);
  CHECK(again.status().text("device") != first);
  CHECK(again.read("select count(*) from household") == "0");

  check_refused(old.sync(), "device_revoked");
  CHECK(old.status().number("pending") == 0);
  REQUIRE(again.sync().status == 0);
  CHECK(again.read("select group_concat(head_name) from household") == "written before");
  const std::string author = plain_read(hub.database(),
                                        "select lower(hex(ds_device.id)) from ds_device join "
                                        "household on ds_device.device = ds_author");
  CHECK(author == first);
}

TEST_CASE_FIXTURE(EmptyHub, "a phone whose key was exchanged cannot speak for it") {
  hub.serve();
  const Phone wang = phone("wang");
  const Phone li = phone("li");
  REQUIRE(wang.enrol(hub).status == 0);
  REQUIRE(li.enrol(hub).status == 0);
  // Li's file now claims to be Wang's device; its key does not.
  const std::string claim =
      "update ds_meta set value = (select value from w.ds_meta where key = 'device') "
      "where key = 'device'";
  REQUIRE(run({"sqlite3", "-cmd", "attach '" + wang.file() + "' as w", li.file(), claim}).status ==
          0);
  check_refused(li.sync(), "replica_damaged");
  {  // a forger who also makes the sums fit
    doorstep::sqlite::OpenOptions options;
    auto forged = doorstep::sqlite::Database::open(li.file(), options);
    REQUIRE(forged.ok());
    REQUIRE(doorstep::keep_identity_sum(forged.value()).ok());
    REQUIRE(doorstep::seal_state(forged.value()).ok());
  }
  check_refused(li.sync(), "wrong_key");
  CHECK(wang.sync().status == 0);
}
