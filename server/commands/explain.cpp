#include <array>

#include "server/commands/command.hpp"

namespace doorstep::commands {
namespace {

struct Phrase {
  ErrorCode code;
  std::string_view message;
  std::string_view action;
};

// What a township secretary may meet; everything else is for whoever keeps the machine, in English.
constexpr std::array<Phrase, 14> phrases{{
    {ErrorCode::disk_full, "存储空间已满", "请清理一些空间；以前写入的数据没有丢失"},
    {ErrorCode::read_only, "文件不能写入", "请检查文件权限，或换一个位置"},
    {ErrorCode::corrupt, "数据库已损坏", "请保留文件，运行 doorstepd verify，并从备份恢复"},
    {ErrorCode::busy, "另一个程序正在写入", "请稍后再试"},
    {ErrorCode::already_exists, "这里已经有一个数据库", "请换一个文件夹"},
    {ErrorCode::not_found, "没有找到", "请检查名称或编号"},
    {ErrorCode::code_unknown, "登记码无效、已用过或已超过一小时", "请重新生成登记码"},
    {ErrorCode::device_unknown, "没有这台手机的登记", "请用 doorstepd devices 查看"},
    {ErrorCode::usage, "命令写法不对", "请看 --help"},
    {ErrorCode::listen_failed, "这个地址不能监听", "请换一个端口，或停止占用它的程序"},
    {ErrorCode::hub_in_use, "这个文件夹已有一个 doorstepd 在服务", "请先停止它"},
    {ErrorCode::rows_differ, "手机上的数据与服务器不同，且没有原因可以说明",
     "请在那台手机上运行 doorstep sync --verify，即可修复"},
    {ErrorCode::not_answered, "手机还没有回答", "它下次连接时会被询问，请到时再运行本命令"},
    {ErrorCode::not_a_hub, "文件夹里没有 hub 数据", "请检查路径，或用 doorstepd init 新建"},
}};

std::string joined(std::string_view message, const std::string& detail, std::string_view action) {
  std::string out(message);
  if (!detail.empty()) out += ": " + detail;
  return out.append("\n  ").append(action);
}

}  // namespace

std::string explain(const Error& reason, const Terminal& terminal) {
  if (terminal.chinese) {
    for (const Phrase& phrase : phrases) {
      if (phrase.code == reason.code) {
        return joined(phrase.message, reason.detail, phrase.action) + " [" +
               std::string(name_of(reason.code)) + "]";
      }
    }
  }
  return joined(message_of(reason.code), reason.detail, action_of(reason.code)) + " [" +
         std::string(name_of(reason.code)) + "]";
}

}  // namespace doorstep::commands
