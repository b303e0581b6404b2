// What a hub hears of a device's own state: a comparison that somebody here asked for, and rows
// that reconciles have put right there. A part of HubSession.
#include <string>
#include <utility>

#include "engine/session/hub_session_state.hpp"

namespace doorstep {

void HubSession::State::ask_comparison(std::uint64_t number) {
  // Records before anything else: a device with a byte budget is asked another time.
  if (ending || number <= compared || answer_bytes) return;
  compared = number;
  comparing = Comparing{number};
  send(Compare{number, Compare::Step::sums});
}

void HubSession::State::end_comparison() {
  send(Compare{comparing->number, Compare::Step::done});
  comparing.reset();
}

Status HubSession::State::on(const hub_input::CompareAsked& asked) {
  if (phase == HubPhase::open && !forked) ask_comparison(asked.number);
  return {};
}

Status HubSession::State::on_compared(const Compared& said) {
  if (!comparing || said.number != comparing->number) return {};  // of a request that was replaced
  const bool in_turn = said.sums.has_value() != comparing->rows_asked;
  if (std::exchange(comparing->reading, true) || !in_turn) {
    return error(ErrorCode::unexpected_message, "a comparison out of turn");
  }
  ComparisonQuestion question{hello->device, visible, hello->schema, said};
  question.buckets = comparing->buckets;
  question.buckets_compared = comparing->buckets_compared;
  effects.emplace_back(hub_effect::CompareDevice{std::move(question)});
  return {};
}

Status HubSession::State::on(const hub_input::DeviceCompared& compared_now) {
  if (phase != HubPhase::open || !comparing) return {};
  if (!compared_now.answer) {
    log.write(LogLevel::warning, "comparison_failed",
              {{"device", hello->device.hex()}, {"error", compared_now.answer.error().text()}});
    end_comparison();
    return {};
  }
  const ComparisonAnswer& answer = *compared_now.answer;
  if (answer.number != comparing->number) return {};
  if (!answer.ask) {
    end_comparison();
    return {};
  }
  comparing->reading = false;
  comparing->rows_asked = true;
  comparing->buckets = answer.buckets;
  comparing->buckets_compared = answer.buckets_compared;
  send(*answer.ask);
  return {};
}

Status HubSession::State::on_healed(const Healed& healed) {
  if (std::exchange(healing, true)) return error(ErrorCode::credit_exceeded, "healed");
  effects.emplace_back(hub_effect::NoteHealed{hello->device, healed});
  return {};
}

Status HubSession::State::on(const hub_input::HealKept& kept) {
  if (phase != HubPhase::open) return {};
  healing = false;
  if (!kept.noted) return kept.noted.error();
  send(*kept.noted);
  return {};
}

}  // namespace doorstep
