// A terminal with a program in it, as a person sits before it: keys go in, a screen of 80x24 comes
// out. It is tmux's, on a server of its own.
#pragma once

#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace doorstep::test {

class Terminal {
 public:
  /// Starts the command with these variables beside the test's own. `where` holds what the terminal
  /// needs; one terminal a folder.
  Terminal(const std::string& where, const std::vector<std::string>& command,
           const Environment& environment);
  ~Terminal();  ///< the program gets SIGHUP
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& text) const;  ///< as it is, Chinese too
  void enter() const { press("Enter"); }
  void answer(const std::string& line) const;  ///< types it and presses Enter
  void press(const std::string& key) const;    ///< as tmux calls it: C-c, C-d, BSpace

  /// What is on the screen, without blanks at the ends of lines and empty lines below.
  [[nodiscard]] std::string screen() const;
  /// Waits for output until the screen shows the text, 60 seconds at most; false when it never
  /// does.
  [[nodiscard]] bool shows(const std::string& text) const;
  /// The line of the screen with this text; empty when there is none.
  [[nodiscard]] std::string line_with(const std::string& text) const;

 private:
  [[nodiscard]] Finished tmux(std::vector<std::string> arguments) const;
  [[nodiscard]] bool wait_for_output() const;
  std::string socket_;
  int output_ = -1;  // what the program prints, only to know that it has printed
};

}  // namespace doorstep::test
