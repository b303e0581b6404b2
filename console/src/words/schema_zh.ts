// What a secretary calls the tables, columns and stored words of the village schema. What is not here is shown as the
// schema spells it; tests/console checks that the whole of schema/village.toml is here.

type Names = { [name: string]: string };

export const tablesInChinese: Names = {
  org_unit: "组织单位", member: "会员", member_home: "会员之家", household: "家庭", resident: "居民",
  outflow: "外出人员", inflow: "流入人员", contact_duty: "联系责任", visit: "走访", festival: "节日",
  emergency: "突发情况", health_check: "健康检查", help_given: "七助服务", child_pair: "儿童结对",
  pair_session: "结对活动", service_item: "服务项目", service_order: "服务订单", fund_entry: "基金收支",
  insurance_policy: "保险", premium: "保费", hospital_stay: "住院", claim_payment: "补贴赔付", supply: "物资",
  event: "活动", inspection: "卫生检查", award: "评比表彰", project: "项目", objection: "异议", survey: "调查",
  survey_response: "调查问卷", survey_answer: "问卷回答", statement: "公示", opinion: "意见", task: "任务",
  closed_period: "已结账期", certificate: "证件",
};

export const columnsInChinese: Names = {
  name: "姓名／名称", level: "级别", parent_code: "上级单位", secretary: "秘书长", unit_code: "单位", post: "职务",
  phone: "电话", skills: "技能", notes: "备注", joined_on: "入会日期", last_active: "最近活动", term_begins_on: "任期开始",
  term_ends_on: "任期结束", village_code: "村", address: "地址", opened_on: "启用日期", equipment: "设施", visitors: "到访人次",
  villager_group: "村民小组", courtyard: "院落", head_name: "户主", last_visited: "最近走访", remarks: "说明",
  household_id: "所属家庭", sex: "性别", born: "出生日期", id_card: "身份证号", relation: "与户主关系", labels: "标签",
  deceased_on: "去世日期", resident_id: "居民", left_on: "离开日期", destination: "去向", contact_phone: "联系电话",
  expected_return_on: "预计返回", returned_on: "返回日期", origin: "户籍地", lodging_id: "住在哪家", arrived_on: "到达日期",
  services: "已享服务", village_contact: "村联系人", association_contact: "协会联系人", since: "开始日期", visitor: "走访人",
  visited_on: "走访日期", typed_at: "录入时间", kind: "种类", findings: "走访情况", follow_up_on: "跟进日期",
  corrects_id: "更正", photo: "照片", on_date: "日期", happened_on: "发生日期", state: "状态", checked_on: "检查日期",
  half_year: "所属半年", systolic_mmhg: "收缩压（mmHg）", diastolic_mmhg: "舒张压（mmHg）", glucose_mmol_l: "血糖（mmol/L）",
  weight_kg: "体重（kg）", height_cm: "身高（cm）", ecg_note: "心电图", examiner: "检查人", given_on: "服务日期",
  helper: "服务人", minutes: "分钟", volunteer_id: "志愿者", offered_on: "提出日期", goal: "目标", pair_id: "结对",
  held_on: "活动日期", skill: "所需技能", offered: "提供中", service: "服务内容", ordered_on: "下单日期", wanted_on: "希望日期",
  claimed_by: "接单人", claimed_at: "接单时间", done_on: "完成日期", rating: "评分", item_id: "服务项目", entered_on: "记账日期",
  amount_fen: "金额", purpose: "用途", approver: "审批人", payer_or_payee: "付款／收款人", product: "险种", policy_number: "保单号",
  begins_on: "开始日期", ends_on: "结束日期", renews_id: "续保自", policy_id: "保险", paid_on: "付款日期", hospital: "医院",
  admitted_on: "入院日期", discharged_on: "出院日期", nursing_days: "护理天数", diagnosis: "诊断", stay_id: "住院", unit: "计量单位",
  stock: "库存", given: "已发放", people_reached: "惠及人数", last_counted: "最近盘点", consultations: "咨询人次",
  free_clinics: "义诊人次", boxes_given: "发放盒数", helpers: "参与人员", quarter: "季度", inspector: "检查人",
  inspected_on: "检查日期", score: "得分", year: "年度", title: "标题", awarded_on: "表彰日期", withdrawn: "已撤销",
  applied_on: "申请日期", surveyed_on: "调查日期", surveyed_by: "调查人", survey_finding: "调查结果", voted_on: "评议日期",
  votes_for: "赞成票", votes_against: "反对票", public_from: "公示开始", public_until: "公示结束", paid_fen: "已付金额",
  project_id: "项目", raised_on: "提出日期", raised_by: "提出人", reason: "理由", settled_on: "处理日期", settlement: "处理结果",
  form_version: "表单版本", form: "表单", closes_on: "截止日期", survey_id: "调查", interviewer: "调查员",
  interviewed_on: "调查日期", completed: "已完成", response_id: "问卷", question: "问题", answer: "回答", month: "月份",
  topic: "主题", figures: "数据", hub_position: "数据位置", why: "原因", digest: "校验码", posted_on: "张贴日期", posted_by: "张贴人",
  statement_id: "公示", content: "内容", answered_on: "答复日期", week: "周", due_on: "期限", counts: "统计内容",
  period: "时期", closed_on: "结账日期", closed_by: "结账人", requested_on: "申请日期", number: "证号", issued_on: "发证日期",
  delivered_on: "送达日期", delivered_by: "送达人", signature: "签收", code: "编号", id: "编号",
};

export const valuesInChinese: Names = {
  province: "省", prefecture: "市", county: "县", township: "乡镇", village: "村", m: "男", f: "女",
  empty_nest: "空巢", left_behind: "留守", special_family: "特殊家庭", disabled: "残疾", hardship: "困难",
  living_alone: "独居", routine: "日常", birthday: "生日", illness: "生病", festival: "节日", emergency: "突发",
  reported: "已报告", visited: "已走访", closed: "已关闭", medical: "助医", nursing: "助护", labour: "助劳",
  kitchen: "助餐", washing: "助洁", support: "助扶", learning: "助学", offered: "已提出", accepted: "已接受",
  declined: "未接受", ended: "已结束", tutoring: "辅导", welfare: "公益", sports: "体育", video_call: "视频通话",
  ordered: "已下单", claimed: "已接单", cancelled: "已取消", done: "已完成", rated: "已评价", donation: "捐款",
  payout: "支出", reversal: "冲正", elders: "敬老", births: "生育", scholarship: "助学金", sport: "体育", general: "综合",
  nursing_subsidy: "护理补贴", insurance: "保险", applied: "已申请", surveyed: "已调查", voted: "已评议",
  publicised: "公示中", paid: "已付款", refused: "未通过", raised: "已提出", answered: "已答复", visits: "走访",
  checks: "检查", orders: "订单", hygiene: "卫生", surveys: "调查", birth: "生育证", disability: "残疾证",
  elder_card: "老年证", single_child: "独生子女证", requested: "已申请", issued: "已发证", delivered: "已送达",
  device_lost: "手机已挂失", device_revoked: "手机已停用", device_forked: "手机内容是另一台的复制", rescued_work: "从损坏的手机中救回",
  hub_reset: "服务器重置之前写的", row_unknown: "要改的记录不存在", hub_too_old: "服务器版本较旧", parent_dead: "所属记录已删除",
  rule_broken: "不符合规则", refused_before: "以前已被拒绝", scope_denied: "不在数据范围内", role_denied: "身份不允许",
  transaction_too_large: "内容过大", malformed: "内容格式有误", hash_mismatch: "内容校验不符", sequence_gap: "前面的内容缺失",
  volunteer: "志愿者", village_secretary: "村秘书长", township_secretary: "乡镇秘书长", county_office: "县协会办公室",
};
