#include "engine/session/import_rescued.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"

namespace doorstep::commands {
namespace {

Result<RescuedWork> read_file(const std::string& path) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed) return error(ErrorCode::io_error, path + ": " + failed.message());
  if (size > limits::rescued_file_bytes_max) return error(ErrorCode::message_too_large, path);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) return error(ErrorCode::io_error, path);
  return decode_rescued(bytes_of(bytes));
}

}  // namespace

Status import_rescued_work(const ImportRescuedOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  RescueImport request;
  DS_ASSIGN(request.work, read_file(options.file));
  if (!options.device.empty()) {
    DS_ASSIGN(const auto snapshot, folder.store().snapshot());
    DS_ASSIGN(const DeviceRecord device, find_device(*snapshot, options.device));
    request.device = device.id;
  }
  OsRandom random;
  request.now = SystemTime().now();
  request.token = random.id<CommitToken>();
  DS_ASSIGN(const Imported done, import_rescued(folder.store(), request));
  if (options.json) {
    terminal.out << JsonLine()
                        .text("device", done.device.hex())
                        .boolean("signed", request.work.is_signed)
                        .number("waiting", done.waiting)
                        .number("known", done.known)
                        .number("on_phone", done.on_phone)
                        .number("damaged", done.damaged)
                        .number("unreadable", request.work.unreadable)
                        .done()
                 << '\n';
    return {};
  }
  if (terminal.chinese) {
    terminal.out << "新收 " << done.waiting << " 项，等人处理：doorstepd quarantine\n"
                 << "已有 " << done.known << " 项；手机会自己发出 " << done.on_phone
                 << " 项；内容已损坏、未收 " << done.damaged << " 项。\n";
  } else {
    terminal.out << done.waiting << " taken in; they wait for a person: doorstepd quarantine\n"
                 << done.known << " were here already; the phone sends " << done.on_phone
                 << " itself; " << done.damaged << " are damaged and were not taken in.\n";
  }
  return {};
}

}  // namespace doorstep::commands
