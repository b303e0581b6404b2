#include "schema/sample/phrases.hpp"

#include <array>

namespace doorstep::sample {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 16> surnames = {"向", "舒", "张", "刘", "王", "李", "陈", "杨",
                                           "周", "贺", "谌", "邓", "夏", "覃", "金", "戴"};
constexpr std::array<Word, 20> male_first = {"德", "建", "志", "文", "国", "永", "明",
                                             "家", "光", "大", "学", "春", "子", "俊",
                                             "昌", "友", "长", "水", "正", "世"};
constexpr std::array<Word, 16> male_second = {"华", "平", "军", "生", "林", "强", "辉", "祥",
                                              "清", "发", "贵", "安", "田", "松", "和", "云"};
constexpr std::array<Word, 18> female_first = {"秀", "桂", "玉", "春", "冬", "小",
                                               "美", "金", "翠", "雪", "丽", "晓",
                                               "月", "梅", "菊", "满", "思", "佳"};
constexpr std::array<Word, 16> female_second = {"英", "兰", "梅", "娥", "香", "珍", "莲", "芳",
                                                "花", "云", "连", "妹", "红", "玲", "萍", "怡"};
constexpr std::array<Word, 10> courtyards = {"老屋院子", "新屋院子", "上湾院子", "下湾院子",
                                             "井边院子", "桥头院子", "樟树院子", "坳上院子",
                                             "塘边院子", "岩脚院子"};

constexpr std::array<Word, 5> kinds = {"routine", "birthday", "illness", "festival", "emergency"};
constexpr std::array<Word, 12> service_words = {
    "理发",     "打扫卫生",     "代购药品",     "陪同就医", "维修电灯", "送米送油",
    "劈柴挑水", "代办社保认证", "教用智能手机", "缝补洗衣", "辅导作业", "量血压"};
constexpr std::array<Word, 12> skill_words = {"理发",   "电工",     "水暖维修", "开车",
                                              "做饭",   "护理",     "辅导作业", "缝纫",
                                              "泥瓦工", "唱歌跳舞", "心理疏导", "量血压"};
constexpr std::array<Word, 8> remark_words = {"院里有狗，先喊门。",       "耳背，敲门要重。",
                                              "白天在田里，傍晚来。",     "钥匙在隔壁邻居家。",
                                              "门前台阶松动，小心。",     "只说本地话。",
                                              "儿子周末回家，可一起谈。", "屋后路滑，雨天走前门。"};
constexpr std::array<Word, 5> ecg_words = {"正常心电图", "窦性心律", "窦性心动过缓",
                                           "偶发早搏，建议复查", "T波改变，建议到镇卫生院复查"};

constexpr std::array<Word, 8> general = {"家中一切正常。",       "房前屋后打扫得干净。",
                                         "今年柑橘收成不错。",   "正在院里晒衣服，帮忙挑了两担水。",
                                         "宣传了医保缴费政策。", "检查了电线和灶台，没有隐患。",
                                         "送去了日历和联系卡。", "说起村里修路的事，表示支持。"};
constexpr std::array<Word, 8> about_elders = {
    "老人精神好，饭量正常。", "老人说膝盖疼，已联系村医。",   "血压药只剩三天的量，答应代购。",
    "和在外的儿子通了视频。", "夜里睡不好，聊了一个多小时。", "帮老人剪了头发和指甲。",
    "厨房灯坏了，换了新的。", "提醒下月参加免费体检。"};
constexpr std::array<Word, 6> about_children = {
    "孩子作业写完了，检查了语文和数学。", "和父母视频二十分钟，孩子很高兴。",
    "孩子想要一套课外书，已登记。",       "提醒暑期不要下河游泳。",
    "老师反映上课走神，和奶奶谈了。",     "接种证上还差一针，已告知时间。"};
constexpr std::array<Word, 6> endings = {"下月再来。",       "需要跟进。",
                                         "没有其他困难。",   "留了联系电话。",
                                         "已向秘书长汇报。", "约好重阳节一起吃饭。"};

}  // namespace

std::string_view draw_surname(Dice& dice) { return dice.pick(surnames); }

std::string draw_given_name(Dice& dice, bool female) {
  std::string name(
      dice.pick(female ? std::span<const Word>(female_first) : std::span<const Word>(male_first)));
  if (!dice.percent(80)) return name;
  name +=
      dice.pick(female ? std::span<const Word>(female_second) : std::span<const Word>(male_second));
  return name;
}

std::string draw_phone(Dice& dice) {
  std::string phone = "10";
  while (phone.size() < 11) phone += static_cast<char>('0' + dice.between(0, 9));
  return phone;
}

std::string draw_courtyard(Dice& dice) { return std::string(dice.pick(courtyards)); }

std::string draw_findings(Dice& dice, bool elder, bool child) {
  std::string text;
  if (elder && dice.percent(70)) text += dice.pick(about_elders);
  if (child && dice.percent(70)) text += dice.pick(about_children);
  if (text.empty() || dice.percent(40)) text += dice.pick(general);
  if (dice.percent(35)) text += dice.pick(endings);
  return text;
}

std::span<const Word> visit_kinds() { return kinds; }
std::span<const Word> services() { return service_words; }
std::span<const Word> skills() { return skill_words; }
std::span<const Word> household_remarks() { return remark_words; }
std::span<const Word> ecg_notes() { return ecg_words; }

}  // namespace doorstep::sample
