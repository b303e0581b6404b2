#include "client-sdk/src/system_ports.hpp"

#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"

namespace doorstep {

const Clock& clock_of(const ReplicaSeams& seams) {
  static const SystemClock system;
  return seams.clock != nullptr ? *seams.clock : system;
}

Random& random_of(const ReplicaSeams& seams) {
  static SystemRandom system;
  return seams.random != nullptr ? *seams.random : system;
}

const ReplicaFiles& files_of(const ReplicaSeams& seams) {
  return seams.files != nullptr ? *seams.files : system_files();
}

}  // namespace doorstep
