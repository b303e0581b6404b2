#include "client-sdk/cli/traffic_text.hpp"

#include <fmt/format.h>

#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/size_text.hpp"

namespace doorstep::cli {
namespace {

std::string count_json(const TrafficCount& count) {
  return JsonLine().number("sent", count.sent).number("received", count.received).done();
}

std::string_view spoken(TrafficReason reason) {
  switch (reason) {
    case TrafficReason::greeting:
      return say("calling", "联络");
    case TrafficReason::push:
      return say("own work", "上报改动");
    case TrafficReason::resent:
      return say("sent again", "重发改动");
    case TrafficReason::outcomes:
      return say("what became of it", "处理结果");
    case TrafficReason::rows:
      return say("the township's rows", "乡镇的记录");
    case TrafficReason::repair:
      return say("comparing, healing", "核对与修复");
    case TrafficReason::kept:
      return say("rows kept for a person", "待人处理的记录");
    case TrafficReason::other:
      return say("other", "其他");
  }
  return "";
}

std::string line_of(std::string_view name, const TrafficCount& today, const TrafficCount& ever) {
  return fmt::format(
      fmt::runtime(say("bytes           {}: {} up, {} down today; {} up, {} down in all\n",
                       "流量            {}：今天上行 {}，下行 {}；累计上行 {}，下行 {}\n")),
      name, size_text(today.sent), size_text(today.received), size_text(ever.sent),
      size_text(ever.received));
}

}  // namespace

std::string traffic_json(const Traffic& traffic) {
  JsonLine line;
  for (std::size_t i = 0; i < traffic_reason_count; ++i) {
    line.raw(name_of(static_cast<TrafficReason>(i)), count_json(traffic.by_reason[i]));
  }
  return line.raw("total", count_json(traffic.total())).done();
}

std::string traffic_table(const Traffic& today, const Traffic& ever) {
  std::string table;
  if (ever.total().both() == 0) return table;
  for (std::size_t i = 0; i < traffic_reason_count; ++i) {
    if (ever.by_reason[i].both() == 0) continue;
    table += line_of(spoken(static_cast<TrafficReason>(i)), today.by_reason[i], ever.by_reason[i]);
  }
  return table + line_of(say("all", "合计"), today.total(), ever.total());
}

}  // namespace doorstep::cli
