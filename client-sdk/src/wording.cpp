#include <doorstep/wording.hpp>

#include <array>
#include <cstdlib>

namespace doorstep {
namespace {

struct ChineseText {
  ErrorCode code;
  Wording words;
};

/// The errors that a volunteer meets; the rest are for those who set the phone up and stay in
/// English.
constexpr std::array chinese_texts = {
    ChineseText{ErrorCode::disk_full, {"存储已满", "请腾出一些空间；以前写入的内容都还在"}},
    ChineseText{ErrorCode::read_only, {"文件不能写入", "请检查文件权限，或换一个位置"}},
    ChineseText{ErrorCode::not_a_replica,
                {"这不是 doorstep 的档案文件", "请指定正确的文件，或用 doorstep init 新建"}},
    ChineseText{
        ErrorCode::replica_damaged,
        {"这部手机上的档案文件已损坏",
         "请运行 doorstep rescue：它保留损坏的文件，取出未发出的内容；其余内容下次同步时补回"}},
    ChineseText{ErrorCode::busy, {"另一个程序正在写入", "请稍后再试"}},
    ChineseText{ErrorCode::already_syncing, {"这个档案正在同步", "请等它结束，或先停止它"}},
    ChineseText{ErrorCode::not_found,
                {"没有找到", "请检查编号或名称；冲突编号见 doorstep conflicts"}},
    ChineseText{ErrorCode::usage, {"命令写法不对", "请看 --help"}},
    ChineseText{ErrorCode::append_only,
                {"这张表的记录不能修改或删除", "请新增一条更正，并指向原记录"}},
    ChineseText{ErrorCode::bad_value, {"填写的内容不符合这一栏的要求", "请按声明的类型填写"}},
    ChineseText{ErrorCode::unreachable,
                {"连不上乡镇服务器", "请检查地址和网络；离线也可以继续工作"}},
    ChineseText{ErrorCode::link_lost, {"连接断开了", "会自动再试，内容不会丢"}},
    ChineseText{ErrorCode::timeout, {"对方没有及时回应", "会自动再试，内容不会丢"}},
    ChineseText{ErrorCode::hub_busy, {"乡镇服务器正忙", "稍后会自动再试"}},
    ChineseText{ErrorCode::code_unknown,
                {"登记码不对、已用过或已过一小时", "请向乡镇要一个新的登记码"}},
    ChineseText{ErrorCode::wrong_key, {"这部手机无法证明自己的身份", "请重新登记"}},
    ChineseText{ErrorCode::device_unknown, {"乡镇服务器不认识这部手机", "请在这个乡镇重新登记"}},
    ChineseText{
        ErrorCode::device_revoked,
        {"这部手机的登记已被取消", "请联系乡镇；同步时未发出的内容仍会发出，不再收到新内容"}},
    ChineseText{ErrorCode::device_lost,
                {"这部手机已报失", "请联系乡镇；它发出的内容已另存，待人处理"}},
    ChineseText{ErrorCode::device_forked,
                {"这部手机是另一部的副本，或由备份恢复",
                 "请再同步一次，它会以新的身份继续；只有它才有的内容见 doorstep rejected"}},
    ChineseText{ErrorCode::hub_untrusted,
                {"这不是发出登记码的那台服务器", "请核对地址；不确定就不要继续"}},
    ChineseText{ErrorCode::digest_mismatch,
                {"本机的记录与乡镇不一致", "请运行 doorstep verify，然后再同步"}},
};

}  // namespace

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') {
      const bool chinese = std::string_view(value).starts_with("zh");
      return chinese ? Language::chinese : Language::english;
    }
  }
  return Language::english;
}

Wording wording_of(ErrorCode code, Language language) {
  if (language == Language::chinese) {
    for (const ChineseText& text : chinese_texts) {
      if (text.code == code) return text.words;
    }
  }
  return {message_of(code), action_of(code)};
}

}  // namespace doorstep
