#include "tests/sim/summary.hpp"

#include <algorithm>
#include <cctype>
#include <iomanip>
#include <sstream>
#include <utility>
#include <vector>

namespace doorstep::sim {
namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;

std::vector<std::pair<std::string, std::uint64_t Counts::*>> all_counts() {
  return {{"local transactions", &Counts::writes},
          {"refused at capture", &Counts::refused},
          {"syncs", &Counts::syncs},
          {"checkpoints", &Counts::checkpoints},
          {"up to date", &Counts::up_to_date},
          {"compared row by row", &Counts::compared},
          {"merged", &Counts::merged},
          {"rejected", &Counts::rejected},
          {"conflicts", &Counts::conflicts},
          {"hub commits", &Counts::hub_commits},
          {"reconciles", &Counts::reconciles},
          {"own rows pulled after all", &Counts::own_pulled},
          {"rotten values", &Counts::rotten},
          {"replicas healed", &Counts::healed},
          {"files damaged", &Counts::damaged},
          {"rescues", &Counts::rescues},
          {"rescues that kept the rows", &Counts::rows_kept},
          {"transactions rescued", &Counts::rescued},
          {"transactions sealed", &Counts::sealed},
          {"sealed and imported", &Counts::imported},
          {"reported as unreadable", &Counts::unreadable},
          {"keys unreadable", &Counts::keys_lost},
          {"copies of phones", &Counts::copies},
          {"copies that became others", &Counts::forks},
          {"transactions set aside", &Counts::set_aside},
          {"devices revoked", &Counts::ended},
          {"schemas upgraded", &Counts::upgrades},
          {"waits for the hub's schema", &Counts::waited},
          {"upgraded replicas filled", &Counts::filled},
          {"collections", &Counts::collected},
          {"hubs set back", &Counts::hub_restores},
          {"hubs begun anew", &Counts::hub_resets},
          {"phones told of it", &Counts::told_of_loss},
          {"transactions taken again", &Counts::offered_again},
          {"that waited for a row", &Counts::arrived_later},
          {"known to be missing", &Counts::missing},
          {"last copies handed over", &Counts::handed_over},
          {"links cut", &Counts::cuts},
          {"processes killed", &Counts::deaths},
          {"power cuts", &Counts::power_cuts},
          {"torn writes", &Counts::torn_writes},
          {"disk calls failed", &Counts::disk_faults}};
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

std::string hex(std::uint64_t number) {
  std::ostringstream out;
  out << std::hex << std::setw(16) << std::setfill('0') << number;
  return out.str();
}

std::string key_of(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

}  // namespace

Summary::Summary() : begun_(std::chrono::steady_clock::now()) {}

void Summary::add(const RunResult& result) {
  for (const auto& [name, member] : all_counts()) total_.*member += result.counts.*member;
  total_.device_ms += result.counts.device_ms;
  traces_ = traces_ * 31 + result.trace;
  ++runs_;
}

std::string Summary::text() const {
  std::ostringstream out;
  out << runs_ << " runs, " << total_.device_ms / day_ms << " device-days, " << std::fixed
      << std::setprecision(1) << seconds_since(begun_) << " s; trace " << hex(traces_) << "\n";
  for (const auto& [name, member] : all_counts())
    out << std::setw(10) << total_.*member << " " << name << "\n";
  return out.str();
}

std::string Summary::json() const {
  std::ostringstream out;
  out << "{\"runs\":" << runs_ << ",\"device_days\":" << total_.device_ms / day_ms
      << ",\"seconds\":" << seconds_since(begun_) << ",\"trace\":\"" << hex(traces_) << '"';
  for (const auto& [name, member] : all_counts())
    out << ",\"" << key_of(name) << "\":" << total_.*member;
  out << "}\n";
  return out.str();
}

std::string json_of(std::uint64_t seed, const RunResult& result) {
  std::ostringstream out;
  out << "{\"seed\":" << seed << ",\"trace\":\"" << hex(result.trace)
      << "\",\"ok\":" << (result.failure ? "false" : "true") << ",\"syncs\":" << result.counts.syncs
      << ",\"merged\":" << result.counts.merged << ",\"deaths\":" << result.counts.deaths << "}";
  return out.str();
}

std::string kind_of_failure(const Failure& failure) {
  std::string kind;
  for (const char c : failure.what) {
    if (c == ':' || c == '\n') break;
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) kind += c;
  }
  // Names of tables and ids differ from run to run.
  return kind.substr(0, 24);
}

}  // namespace doorstep::sim
