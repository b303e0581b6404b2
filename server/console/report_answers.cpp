// Reports as the command makes them: the same text for the same question.
#include <sodium.h>

#include <array>
#include <sstream>

#include "server/commands/command.hpp"
#include "server/console/content.hpp"

namespace doorstep::console {
namespace {

using commands::ReportOptions;

struct Wanted {
  ReportOptions::Kind kind = ReportOptions::Kind::weekly;
  ReportOptions::Form form = ReportOptions::Form::json;
  std::string name;
};

/// "weekly", "monthly.csv", "publicity.html".
std::optional<Wanted> wanted_of(std::string_view part) {
  Wanted wanted;
  const auto dot = part.find('.');
  wanted.name = part.substr(0, dot);
  const std::string_view form = dot == std::string_view::npos ? "" : part.substr(dot);
  if (form == ".csv") {
    wanted.form = ReportOptions::Form::csv;
  } else if (form == ".html") {
    wanted.form = ReportOptions::Form::html;
  } else if (!form.empty()) {
    return std::nullopt;
  }
  if (wanted.name == "weekly") return wanted;
  wanted.kind = ReportOptions::Kind::monthly;
  if (wanted.name == "monthly") return wanted;
  wanted.kind = ReportOptions::Kind::publicity;
  if (wanted.name == "publicity") return wanted;
  return std::nullopt;
}

/// Only the page's own style, by its hash: a figure's name can bring in nothing.
std::string policy_of(std::string_view html) {
  constexpr std::string_view open = "<style>";
  std::string policy =
      "default-src 'none'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'self'; style-src ";
  const auto begin = html.find(open);
  const auto end = html.find("</style>");
  if (begin == std::string_view::npos || end == std::string_view::npos) return policy + "'none'";
  const std::string style(html.substr(begin + open.size(), end - begin - open.size()));
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  const std::vector<unsigned char> bytes(style.begin(), style.end());
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  std::array<char,
             sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)>
      text{};
  sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return policy + "'sha256-" + text.data() + "'";
}

std::string file_name(const ReportOptions& options, const Wanted& wanted) {
  std::string name = wanted.name;
  if (!options.scope.empty()) name += "-" + options.scope;
  if (!options.period.empty()) name += "-" + options.period;
  // What a header cannot hold as it is does not matter in a name.
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_';
    if (!plain) c = '_';
  }
  return name;
}

void dress(ConsoleAnswer& answer, const ReportOptions& options, const Wanted& wanted) {
  if (wanted.form == ReportOptions::Form::json) return;
  const bool csv = wanted.form == ReportOptions::Form::csv;
  answer.type = csv ? "text/csv; charset=utf-8" : "text/html; charset=utf-8";
  answer.headers.emplace_back(
      "Content-Disposition",
      "inline; filename=\"" + file_name(options, wanted) + (csv ? ".csv\"" : ".html\""));
  if (!csv) answer.headers.emplace_back("Content-Security-Policy", policy_of(answer.body));
}

}  // namespace

Result<ConsoleAnswer> answer_report(ConsoleCall& call) {
  const auto wanted = wanted_of(call.request.parts[0]);
  if (!wanted) return error(ErrorCode::not_found, "report " + call.request.parts[0]);
  FieldReader query = call.query();
  ReportOptions options;
  options.kind = wanted->kind;
  options.form = wanted->form;
  options.data = call.ports.folder.dir().string();
  options.scope = query.optional_text("scope").value_or("");
  options.period = query.optional_text("period").value_or("");
  DS_TRY(query.done());
  std::ostringstream out;
  std::ostringstream notes;
  const auto made = commands::report(options, {out, notes, call.chinese()});
  if (!made) {
    const bool unit = made.error().code == ErrorCode::not_found;
    const bool period = made.error().code == ErrorCode::bad_value;
    return unit || period ? call.blame(unit ? "scope" : "period", made.error()) : made.error();
  }
  ConsoleAnswer answer = ConsoleAnswer::json(out.str());
  dress(answer, options, *wanted);
  return answer;
}

}  // namespace doorstep::console
