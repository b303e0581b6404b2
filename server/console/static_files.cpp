#include "server/console/static_files.hpp"

#include <algorithm>
#include <string>

#include "engine/core/bytes.hpp"

namespace doorstep::console {
namespace {

constexpr std::string_view content_policy = "Content-Security-Policy";

constexpr std::string_view no_front_end =
    "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>doorstep</title>"
    "<h1>控制台的页面没有编入这个程序</h1>"
    "<p>接口在 /api/v1 照常工作；要有页面，请用带 npm 的环境重新构建。</p>"
    "<h1 lang=\"en\">The console's pages were not built into this program</h1>"
    "<p lang=\"en\">The interface under /api/v1 works all the same; build it where npm is, to have "
    "pages.</p></html>\n";

void add_headers_of_all(HttpReply& reply) {
  const bool own_policy = std::any_of(reply.headers.begin(), reply.headers.end(),
                                      [](const auto& one) { return one.first == content_policy; });
  if (!own_policy) {
    reply.headers.emplace_back(
        content_policy,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'");
  }
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  reply.headers.emplace_back("Referrer-Policy", "no-referrer");
  reply.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

HttpReply plain(unsigned status, std::string_view type, std::string_view text) {
  HttpReply reply;
  reply.status = status;
  reply.headers.emplace_back("Content-Type", type);
  reply.headers.emplace_back("Cache-Control", "no-store");
  reply.body = text;
  add_headers_of_all(reply);
  return reply;
}

const ConsoleFile* find(std::span<const ConsoleFile> files, std::string_view path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const ConsoleFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

HttpReply file_reply(std::span<const ConsoleFile> files, const HttpCall& call) {
  if (call.method != "GET" && call.method != "HEAD") {
    return plain(405, "text/plain; charset=utf-8", "GET\n");
  }
  const std::string path = call.target.substr(0, call.target.find('?'));
  const ConsoleFile* file = find(files, path);
  const bool hashed = path.starts_with("/assets/");
  if (file == nullptr && hashed) return plain(404, "text/plain; charset=utf-8", "not found\n");
  if (file == nullptr) file = find(files, "/index.html");
  if (file == nullptr) return plain(200, "text/html; charset=utf-8", no_front_end);

  const std::string etag = "\"" + std::string(file->etag) + "\"";
  HttpReply reply;
  reply.headers.emplace_back("ETag", etag);
  reply.headers.emplace_back("Cache-Control",
                             hashed ? "public, max-age=31536000, immutable" : "no-cache");
  add_headers_of_all(reply);
  if (call.if_none_match == etag) {
    reply.status = 304;
    return reply;
  }
  reply.headers.emplace_back("Content-Type", file->type);
  // Kept compressed only: there is no browser that cannot read it.
  reply.headers.emplace_back("Content-Encoding", "gzip");
  reply.file = file->gzip;
  return reply;
}

HttpReply reply_of(ConsoleAnswer answer) {
  HttpReply reply;
  reply.status = answer.status;
  reply.headers = std::move(answer.headers);
  reply.headers.emplace_back("Content-Type", std::move(answer.type));
  reply.headers.emplace_back("Cache-Control", "no-store");
  add_headers_of_all(reply);
  reply.body = std::move(answer.body);
  return reply;
}

}  // namespace doorstep::console
