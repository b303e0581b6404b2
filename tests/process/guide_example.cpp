#include "tests/process/guide_example.hpp"

namespace doorstep::test::guide {

doorstep::Result<std::string> describe_conflicts(doorstep::Replica& replica) {
  doorstep::ConflictFilter filter;
  filter.table = "resident";
  filter.limit = 50;
  const auto conflicts = replica.conflicts(filter);
  if (!conflicts) return conflicts.error();
  std::string text;
  for (const doorstep::ConflictInfo& conflict : *conflicts) {
    text += conflict.column + ": " + conflict.winner.display() + " stands, " +
            conflict.loser.display() + " lost (" + conflict.state + ")\n";
  }
  return text;
}

doorstep::Status keep_the_other_one(doorstep::Replica& replica,
                                    const doorstep::ConflictInfo& conflict) {
  if (conflict.state == "decided") return replica.undo(conflict.id);
  return replica.decide(conflict.id, doorstep::Keep::loser);
}

doorstep::Status type_a_third_value(doorstep::Replica& replica,
                                    const doorstep::ConflictInfo& conflict,
                                    const std::string& number) {
  return replica.decide(conflict.id, doorstep::Value::text(number));
}

doorstep::Result<std::uint64_t> keep_everything_that_stands(doorstep::Replica& replica) {
  doorstep::ConflictFilter filter;
  filter.table = "resident";
  return replica.decide_all(filter, doorstep::Keep::winner);
}

doorstep::Result<std::string> explain_phone(doorstep::Replica& replica,
                                            const doorstep::Value& resident) {
  const auto story = replica.explain("resident", resident, "phone");
  if (!story) return story.error();
  std::string text = "shown: " + story->shown.display() + "\n";
  for (const doorstep::Candidate& candidate : story->candidates) {
    text += candidate.place + ": " + candidate.value.display() + " " + candidate.time + "\n";
  }
  return text;
}

}  // namespace doorstep::test::guide
