// Which characters of Chinese names are said alike (tones aside), for sound_of(). Written down for
// this project from what anyone who types names by pinyin mixes up: the common surnames and the
// characters that given names are made of, with the traditional forms of those that have one. A
// character that is read in two ways stands where names read it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/match.hpp"
#include "engine/core/match_name.hpp"

namespace doorstep {
namespace {

/// Groups end with a space.
constexpr std::string_view groups =
    "爱愛艾 安庵 柏百佰 宝寶保葆 贝貝蓓备 本苯 斌彬宾賓滨濱 兵冰炳秉丙 "
    "波博伯泊勃 才财財彩采蔡材 昌长長常畅暢嫦尝 超朝潮晁 陈陳晨辰臣宸沉 "
    "成程诚誠承城澄呈 春纯純淳椿 慈次词 翠崔脆萃 达達大 代戴岱黛带 丹单担 "
    "道稻 德得 登邓鄧灯等 迪笛狄 丁鼎定 冬东東栋棟董动 杜度渡 段端锻 恩嗯 "
    "发發法 凡范範樊繁帆 方芳房放昉 飞飛菲妃非霏斐 芬分份奋 "
    "风風峰锋鋒丰豐凤鳳冯馮封枫奉 夫福富付傅芙扶伏符甫 刚剛钢岗 高皋 戈葛格歌哥 "
    "根跟亘 功公龚龔宫恭贡巩 古谷顾顧固 官关關冠管贯观 光广廣 贵貴桂归圭 "
    "国國果郭过 海亥 汉漢涵韩韓寒含晗翰瀚 豪浩昊郝好号皓 何和河荷贺賀合鹤禾 "
    "恒衡亨珩 红紅宏洪鸿鴻虹弘泓 厚侯后候 胡虎湖护沪 花华華桦画化骅 怀淮槐 "
    "欢歡环焕煥桓 黄黃皇凰煌晃 辉輝惠慧会卉汇晖徽 吉计季纪紀姬济继基冀际 "
    "家佳嘉加贾賈甲 建健剑劍坚堅简俭兼見见 江姜将將蒋蔣疆匠 娇嬌姣焦交蛟骄 "
    "杰傑洁潔捷婕结节 金今锦錦进進瑾津靳谨近晋 景京静靜晶菁敬靖井精经竞 久九玖 "
    "菊巨聚举 娟涓鹃 君军軍俊钧鈞均峻骏菌珺 凯凱开楷恺 康亢 可柯克科珂 孔空 "
    "宽款 坤昆琨 来莱赖賴 兰蘭岚嵐澜蓝览 乐樂勒 雷蕾磊垒 "
    "丽麗莉立力利李黎理礼禮励历厉 连連莲蓮廉联練练恋 良梁亮粱靓 廖料辽 "
    "林琳霖临麟 玲灵靈凌岭零铃菱领令 刘劉流柳六 龙龍隆 卢盧路露鲁陆陸鹿璐禄 "
    "罗羅洛落骆络 吕呂律 马馬玛 满滿曼 毛茂冒 梅美妹媚枚 孟梦夢 米密宓 "
    "民敏闵闽 明鸣銘铭名茗 木牧慕沐穆 娜那纳 宁甯凝 潘攀盘 培裴沛佩 鹏朋彭 "
    "平萍苹屏 其琪奇齐齊启祁琦旗祺戚棋 千谦謙乾钱錢倩茜潜 强強 巧桥乔喬俏 "
    "琴勤秦芹钦沁覃 清青庆慶卿晴 秋邱丘仇 全泉权權荃 荣榮蓉容溶融戎 如茹汝儒 "
    "瑞锐睿蕊 善山珊姗杉 绍邵少韶 生胜勝圣盛声升昇 世士石时時诗詩实史施师仕 "
    "书書舒淑树樹叔 顺順舜 思斯丝司 松宋颂嵩 孙孫笋 谭譚谈坛檀 汤湯唐糖堂棠 "
    "涛濤陶桃滔 田甜恬添 铁鐵帖 廷婷亭庭停挺 同彤佟桐童铜 万萬婉宛菀晚 "
    "王汪望旺 伟偉玮瑋炜煒维維卫衛魏韦韋薇微巍威蔚惟为 文雯闻聞温溫 "
    "武吴吳伍五午舞 希西喜席习熙溪曦锡惜夕 夏霞侠下 先贤賢仙献显鲜冼 "
    "香祥翔湘向项項相详享 晓曉小孝肖萧蕭笑霄筱潇校 谢謝协燮 心新馨欣鑫信辛昕 "
    "兴興星幸邢行杏 雄熊 秀修绣 徐许許旭绪胥序叙 轩萱宣玄炫璇旋 雪学學薛 "
    "勋熏荀迅 亚雅娅 燕艳艷彦严嚴岩颜顏妍言延炎闫阎晏研 阳陽杨楊扬揚洋仰羊 "
    "尧堯姚瑶瑤耀遥 叶葉业業烨晔野 义義艺藝益毅怡宜仪亦易逸奕依伊意忆谊 "
    "银銀音殷茵尹因引 英颖颍影应應盈莹瑩迎瑛营 勇永咏泳庸雍 有友幼佑尤游 "
    "于余玉宇雨羽语語裕育俞郁喻虞瑜渝煜钰昱愚誉 元源远遠袁媛圆苑缘园 月岳悦越跃粤 "
    "云雲芸运運韵允耘 泽澤则责 曾增 展詹占湛 张張章彰璋 兆赵趙召照昭肇 哲浙喆 "
    "珍真贞貞振震镇臻甄 正政郑鄭征铮争 志智治芝之知直枝致支植稚 中忠仲钟鍾鐘众 "
    "周州洲舟 朱珠竹祝诸竺柱 庄莊壮状装 卓倬 子紫自梓资姿 宗综 邹鄒奏 祖组 "
    "左佐作 ";

using Sounds = std::vector<std::pair<char32_t, char32_t>>;

/// Every character of the groups with the first of its group, ascending.
Sounds read_groups() {
  Sounds sounds;
  for (std::string_view rest = groups; !rest.empty();) {
    const std::size_t end = rest.find(' ');
    const std::u32string points = name_points(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    for (const char32_t point : points) sounds.emplace_back(point, points.front());
  }
  std::sort(sounds.begin(), sounds.end());
  return sounds;
}

}  // namespace

char32_t sound_of(char32_t character) {
  static const Sounds sounds = read_groups();
  const auto found = std::lower_bound(sounds.begin(), sounds.end(), std::pair(character, U'\0'));
  return found != sounds.end() && found->first == character ? found->second : character;
}

}  // namespace doorstep
