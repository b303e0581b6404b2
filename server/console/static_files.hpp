// What the console gives beside its API: the files of the front-end, with the headers that keep a
// browser from anything that they do not need.
#pragma once

#include <span>
#include <string_view>

#include "server/console/console_files.hpp"
#include "server/console/console_request.hpp"
#include "server/net/http_socket.hpp"

namespace doorstep::console {

/// The file of the call's path, else index.html for paths of the front-end's own, else (a build
/// without the front-end) a page that says so. 304 when the caller has it, 404 below /assets/, 405
/// for other methods than GET and HEAD.
[[nodiscard]] HttpReply file_reply(std::span<const ConsoleFile> files, const HttpCall& call);

/// An answer of the API as it goes out, with the headers of every answer.
[[nodiscard]] HttpReply reply_of(ConsoleAnswer answer);

}  // namespace doorstep::console
