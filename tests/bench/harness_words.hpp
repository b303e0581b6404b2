// What the peers' harness writes into its visits, for all that are drawn as it draws them.
#pragma once

#include <array>
#include <cstddef>

namespace doorstep::bench {

inline constexpr std::array phrases = {
    "血压较上次平稳",   "已提醒按时服药", "家中老人行动不便", "需要轮椅维修",     "子女在外务工",
    "下月复查血糖",     "饮食偏咸已劝导", "院内路面湿滑",     "厨房通风不好",     "精神状态良好",
    "睡眠较差",         "腰腿疼痛加重",   "已联系镇卫生院",   "申请低保材料待补", "孩子上学需接送",
    "冬季取暖用煤不足", "屋顶有漏雨",     "用药记录齐全",     "左眼视力下降",     "情绪低落需陪伴",
    "已测量体温正常",   "建议减少饮酒",   "邻里帮忙照看",     "水井水质浑浊"};
inline constexpr std::array stops = {"，", "。", "；"};
inline constexpr std::array needs = {"轮椅", "药品补充", "血压计",   "低保申请", "助听器", "无",
                                     "棉被", "护理指导", "上门理发", "屋顶维修", "送餐"};
inline constexpr std::array kinds = {"routine", "chronic",    "newborn",
                                     "elderly", "disability", "followup"};
inline constexpr std::size_t bytes_of_character = 3;  // of these in UTF-8

}  // namespace doorstep::bench
