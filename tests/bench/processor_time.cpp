#include "tests/bench/processor_time.hpp"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/bench/measure.hpp"

namespace doorstep::bench {
namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string file_of(pid_t process, const char* name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

/// "Name:   123 kB" of a file with such lines, in bytes.
double bytes_in(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace

Spent spent_in(const std::function<void()>& work) {
  const double before = thread_seconds();
  const double wall = seconds_of(work);
  return {wall, thread_seconds() - before};
}

double processor_seconds(pid_t process) {
  std::ifstream file(file_of(process, "stat"));
  std::string text;
  std::getline(file, text);
  // The name, in brackets, may hold anything; user and system time are the 12th and 13th after it.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Memory memory_of(pid_t process) {
  const std::string rollup = file_of(process, "smaps_rollup");
  return {bytes_in(rollup, "Rss"), bytes_in(rollup, "Pss"),
          bytes_in(file_of(process, "status"), "VmHWM")};
}

}  // namespace doorstep::bench
