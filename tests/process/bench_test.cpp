// The bench as people start it, on little work: what it prints, never how fast anything was.
#include <doctest/doctest.h>

#include <set>

#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

using namespace doorstep::test;

namespace {

Finished bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), (bin_dir() / "doorstep-bench").string());
  return run(arguments);
}

}  // namespace

TEST_CASE("the bench prints an object for every figure, with its floor and its mark") {
  const Finished done = bench({"--visits", "200", "--single", "100", "--repeats", "1", "--row",
                               "A,B,C,D,E,N,R,F", "--json"});
  REQUIRE_MESSAGE(done.status == 0, done.err);
  std::set<std::string> rows;
  std::set<std::string> metrics;
  for (const Json& figure : json_lines(done.out)) {
    CAPTURE(figure.source());
    rows.insert(figure.text("row"));
    CHECK(metrics.insert(figure.text("row") + figure.text("metric")).second);
    for (const char* field : {"value", "min", "max", "unit", "floor_name", "note"}) {
      CHECK(figure.has(field));
    }
    CHECK(figure.has("floor") == figure.has("ratio"));
    CHECK(figure.has("reach") == figure.has("ok"));
  }
  CHECK(rows == std::set<std::string>{"A", "B", "C", "D", "E", "F", "N", "R"});
  for (const char* metric :
       {"Ainsert, 1 row a transaction, FULL", "Aupdate of a column, 100 rows a transaction, NORMAL",
        "Bpush, until all is acknowledged, written 100 a transaction",
        "Bpush, up to date, written 100 a transaction",
        "Bpush, all bytes, written 100 a transaction, TLS",
        "Cfirst load, up to date, written 100 a transaction, 50 ms each way",
        "D100 edits of one record meet 100 others", "Eone change, median", "Eone change, all bytes",
        "Fhub's file, written 1 a transaction", "Nnothing to do: bytes of frames, both ways",
        "Rkilled in mid-push, 50 ms each way: bytes sent again"}) {
    CHECK_MESSAGE(metrics.contains(metric), metric);
  }
}

TEST_CASE("the bench lists its rows, and refuses one that it does not have") {
  const Finished help = bench({"--help"});
  CHECK(help.status == 0);
  for (const char* title : {"A  inserts and updates on the phone", "E  one change from phone"}) {
    CHECK_MESSAGE(help.out.find(title) != std::string::npos, help.out);
  }
  CHECK(bench({"--row", "Z"}).status != 0);
}
