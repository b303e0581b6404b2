-- The figures of the village work, as SQL over the tables of village.toml. The same text runs at the hub and on a
-- phone; docs/village.md says in words what each figure counts.
--
--   :scope         a unit of the organisation tree: its villages, and those of all units below it
--   :from, :until  the first and the last day of the period, YYYY-MM-DD
--   :first, :last  the first and the last day of all periods of one report: a part that asks no more is kept for all
--   :half_year     such as 2024H1; :half_ends, its last day
--   :quarter       such as 2024Q3
--
-- A section begins with one of these lines and goes on to the next:
--
--   -- part NAME(COLUMN, ...)                              rows that later sections use by this name
--   -- figure NAME | title in Chinese | in English | UNIT [| now]
--   -- list NAME | title in Chinese | in English
--   -- late TABLE | title in Chinese | in English | COLUMN, ...
--
-- A part uses those before it. A figure gives rows (village, value), or (village, value, weight) for the units mean
-- (value / weight) and percent (100 * value / weight), so that units above the village get theirs from sums; villages
-- where it is zero may be left out. One marked "now" counts states that have no date, as they are now, whatever the
-- period. A list gives rows for people to read. A late section says which rows of a table count in a period, so that
-- those that come after its closing can be named: its SELECT on `this`, which is one row of the table, gives (stated,
-- about, why) or nothing; the columns are those that count.
--
-- A phone puts the parts before each figure as common table expressions. A hub keeps each as a table of its own while
-- it makes a report. CROSS JOIN says where to begin, which is right for a village and for all phones; where "A CROSS
-- JOIN b ON" begins with one of the parts home, everyone and person and that is large, the hub begins with b.

-- part unit(code)
SELECT :scope
UNION
SELECT org_unit.code FROM unit CROSS JOIN org_unit ON org_unit.parent_code = unit.code

-- part village(code)
SELECT unit.code FROM unit CROSS JOIN org_unit ON org_unit.code = unit.code WHERE org_unit.level = 'village'

-- Each village under all that it belongs to.
-- part above(village, code)
SELECT code, code FROM village
UNION
SELECT above.village, org_unit.parent_code FROM above CROSS JOIN org_unit ON org_unit.code = above.code
WHERE org_unit.parent_code IS NOT NULL

-- part home(id, village)
SELECT household.id, village.code FROM village CROSS JOIN household ON household.village_code = village.code

-- part everyone(id, home, village, name, born, labels, deceased_on)
SELECT resident.id, home.id, home.village, resident.name, resident.born, resident.labels, resident.deceased_on
FROM home CROSS JOIN resident ON resident.household_id = home.id

-- Those who lived at the end of the period. What was paid or done for the others counts all the same.
-- part person(id, home, village, name, born, labels)
SELECT id, home, village, name, born, labels FROM everyone WHERE deceased_on IS NULL OR deceased_on > :until

-- Of the report's periods, and those to be followed up in them. A corrected row counts as its correction has it.
-- part visits(id, home, village, visited_on, kind, follow_up_on)
SELECT visit.id, home.id, home.village, visit.visited_on, visit.kind, visit.follow_up_on
FROM home CROSS JOIN visit ON visit.household_id = home.id
WHERE (visit.visited_on BETWEEN :first AND :last OR visit.follow_up_on BETWEEN :first AND :last)
  AND NOT EXISTS (SELECT 1 FROM visit AS later WHERE later.corrects_id = visit.id)

-- Who is to be called on, why, and on which day: birthdays of those from 60 on and of those with a label, illness,
-- festivals, emergencies.
-- part birthday(home, village, person, reason, due_on)
SELECT person.home, person.village, person.name, 'birthday',
  -- The 29th of February is the 1st of March in other years, as date() has it.
  date(year.y || substr(person.born, 5))
FROM person CROSS JOIN (SELECT substr(:from, 1, 4) AS y UNION SELECT substr(:until, 1, 4)) AS year
WHERE person.born IS NOT NULL
  AND date(year.y || substr(person.born, 5)) BETWEEN :from AND :until
  AND (person.labels IS NOT NULL OR person.born <= date(:until, '-60 years'))

-- part illness(home, village, person, reason, due_on)
SELECT person.home, person.village, person.name, 'illness', hospital_stay.admitted_on
FROM person CROSS JOIN hospital_stay ON hospital_stay.resident_id = person.id
WHERE hospital_stay.admitted_on BETWEEN :from AND :until
UNION
SELECT home.id, home.village, NULL, emergency.kind, emergency.happened_on
FROM home CROSS JOIN emergency ON emergency.household_id = home.id
WHERE emergency.happened_on BETWEEN :from AND :until

-- part feast(home, village, person, reason, due_on)
SELECT DISTINCT household.id, above.village, NULL, 'festival', festival.on_date
FROM festival CROSS JOIN above ON above.code = festival.unit_code
CROSS JOIN household ON household.village_code = above.village
WHERE festival.on_date BETWEEN :from AND :until
  AND (festival.labels IS NULL OR EXISTS (
    SELECT 1 FROM resident CROSS JOIN json_each(resident.labels) AS label
    CROSS JOIN json_each(festival.labels) AS wanted ON wanted.value = label.value
    WHERE resident.household_id = household.id
      AND (resident.deceased_on IS NULL OR resident.deceased_on > :until)))

-- part must(home, village, person, reason, due_on)
SELECT * FROM birthday UNION ALL SELECT * FROM illness UNION ALL SELECT * FROM feast

-- Done: a visit of that kind to that household from three days before the day to seven after it.
-- part must_visit(home, village, person, reason, due_on, done)
SELECT must.*, EXISTS (
  SELECT 1 FROM visit WHERE visit.household_id = must.home AND visit.kind = must.reason
    AND visit.visited_on BETWEEN date(must.due_on, '-3 days') AND date(must.due_on, '+7 days')
    AND NOT EXISTS (SELECT 1 FROM visit AS later WHERE later.corrects_id = visit.id))
FROM must

-- part elder(id, home, village, name, born, checked)
SELECT person.id, person.home, person.village, person.name, person.born, EXISTS (
  SELECT 1 FROM health_check WHERE health_check.resident_id = person.id AND health_check.half_year = :half_year
    AND NOT EXISTS (SELECT 1 FROM health_check AS later WHERE later.corrects_id = health_check.id))
FROM person WHERE person.born <= date(:half_ends, '-60 years')

-- part money(village, entered_on, amount_fen, kind)
SELECT fund_entry.village_code, fund_entry.entered_on, fund_entry.amount_fen, fund_entry.kind
FROM village CROSS JOIN fund_entry ON fund_entry.village_code = village.code

-- What was paid in the period, in and out.
-- part premiums(village, amount_fen)
SELECT everyone.village, premium.amount_fen
FROM everyone CROSS JOIN insurance_policy ON insurance_policy.resident_id = everyone.id
CROSS JOIN premium ON premium.policy_id = insurance_policy.id
WHERE premium.paid_on BETWEEN :from AND :until
  AND NOT EXISTS (SELECT 1 FROM premium AS later WHERE later.corrects_id = premium.id)

-- part claims(village, amount_fen, kind)
SELECT everyone.village, claim_payment.amount_fen, claim_payment.kind
FROM everyone CROSS JOIN hospital_stay ON hospital_stay.resident_id = everyone.id
CROSS JOIN claim_payment ON claim_payment.stay_id = hospital_stay.id
WHERE claim_payment.paid_on BETWEEN :from AND :until
  AND NOT EXISTS (SELECT 1 FROM claim_payment AS later WHERE later.corrects_id = claim_payment.id)

-- part orders(village, state, ordered_on, done_on, rating)
SELECT home.village, service_order.state, service_order.ordered_on, service_order.done_on, service_order.rating
FROM home CROSS JOIN service_order ON service_order.household_id = home.id

-- The newest score of each inspector in the quarter; the household's is their mean.
-- part score(home, village, inspector, value)
SELECT home.id, home.village, inspection.inspector, inspection.score
FROM home CROSS JOIN inspection ON inspection.household_id = home.id
WHERE inspection.quarter = :quarter
  AND NOT EXISTS (SELECT 1 FROM inspection AS later WHERE later.corrects_id = inspection.id)
  AND NOT EXISTS (
    SELECT 1 FROM inspection AS newer
    WHERE newer.household_id = inspection.household_id AND newer.quarter = inspection.quarter
      AND newer.inspector = inspection.inspector
      AND (newer.inspected_on, newer.id) > (inspection.inspected_on, inspection.id)
      AND NOT EXISTS (SELECT 1 FROM inspection AS later WHERE later.corrects_id = newer.id))

-- part home_score(home, village, value)
SELECT home, village, avg(value) FROM score GROUP BY home, village

-- figure households | 户数 | households | count | now
SELECT village, count(*) AS value FROM home GROUP BY village

-- figure residents | 人数 | residents | count | now
SELECT village, count(*) AS value FROM person GROUP BY village

-- figure visits | 入户走访 | visits | count
SELECT village, count(*) AS value FROM visits WHERE visited_on BETWEEN :from AND :until GROUP BY village

-- figure households_visited | 走访户数 | households visited | count
SELECT village, count(DISTINCT home) AS value FROM visits WHERE visited_on BETWEEN :from AND :until GROUP BY village

-- figure must_visits_due | 必访应到 | must-visits due | count
SELECT village, count(*) AS value FROM must_visit GROUP BY village

-- figure must_visits_done | 必访已到 | must-visits done | count
SELECT village, count(*) AS value FROM must_visit WHERE done GROUP BY village

-- figure follow_ups_due | 应回访 | follow-ups due | count
SELECT village, count(*) AS value FROM visits WHERE follow_up_on BETWEEN :from AND :until GROUP BY village

-- figure follow_ups_done | 已回访 | follow-ups done | count
SELECT village, count(*) AS value FROM visits AS first
WHERE follow_up_on BETWEEN :from AND :until AND EXISTS (
  SELECT 1 FROM visit AS second WHERE second.household_id = first.home AND second.visited_on > first.visited_on
    AND second.visited_on BETWEEN date(first.follow_up_on, '-3 days') AND date(first.follow_up_on, '+7 days')
    AND NOT EXISTS (SELECT 1 FROM visit AS later WHERE later.corrects_id = second.id))
GROUP BY village

-- figure checks_due | 应体检 | checks due | count
SELECT village, count(*) AS value FROM elder GROUP BY village

-- figure checks_done | 已体检 | checks done | count
SELECT village, count(*) AS value FROM elder WHERE checked GROUP BY village

-- figure helps_given | 七助服务 | helps given | count
SELECT everyone.village, count(*) AS value FROM everyone CROSS JOIN help_given ON help_given.resident_id = everyone.id
WHERE given_on BETWEEN :from AND :until
  AND NOT EXISTS (SELECT 1 FROM help_given AS later WHERE later.corrects_id = help_given.id)
GROUP BY everyone.village

-- figure children_paired | 结对儿童 | children paired | count | now
SELECT person.village, count(DISTINCT person.id) AS value
FROM person CROSS JOIN child_pair ON child_pair.resident_id = person.id
WHERE child_pair.state = 'accepted' GROUP BY person.village

-- figure pairs_to_decide | 待定结对 | pairs to decide | count | now
SELECT person.village, count(*) AS value FROM person CROSS JOIN child_pair ON child_pair.resident_id = person.id
WHERE child_pair.state = 'offered' GROUP BY person.village

-- figure pair_minutes | 结对分钟 | minutes with children | count
SELECT everyone.village, sum(pair_session.minutes) AS value
FROM everyone CROSS JOIN child_pair ON child_pair.resident_id = everyone.id
CROSS JOIN pair_session ON pair_session.pair_id = child_pair.id
WHERE pair_session.held_on BETWEEN :from AND :until
  AND NOT EXISTS (SELECT 1 FROM pair_session AS later WHERE later.corrects_id = pair_session.id)
GROUP BY everyone.village

-- figure orders_open | 未完订单 | orders open | count | now
SELECT village, count(*) AS value FROM orders WHERE state IN ('ordered', 'claimed') AND ordered_on <= :until GROUP BY village

-- figure orders_done | 完成订单 | orders done | count
SELECT village, count(*) AS value FROM orders
WHERE state IN ('done', 'rated') AND done_on BETWEEN :from AND :until GROUP BY village

-- figure rating_mean | 平均评分 | mean rating | mean
SELECT village, sum(rating) AS value, count(*) AS weight FROM orders
WHERE state = 'rated' AND done_on BETWEEN :from AND :until AND rating IS NOT NULL GROUP BY village

-- figure fund_balance_fen | 基金余额 | fund balance | fen
SELECT village, sum(amount_fen) AS value FROM money WHERE entered_on <= :until GROUP BY village HAVING value <> 0

-- figure fund_in_fen | 基金收入 | fund in | fen
SELECT village, sum(amount_fen) AS value FROM money
WHERE entered_on BETWEEN :from AND :until AND kind = 'donation' GROUP BY village HAVING value <> 0

-- figure fund_out_fen | 基金支出 | fund out | fen
SELECT village, -sum(amount_fen) AS value FROM money
WHERE entered_on BETWEEN :from AND :until AND kind <> 'donation' GROUP BY village HAVING value <> 0

-- figure premiums_fen | 保费 | premiums | fen
SELECT village, sum(amount_fen) AS value FROM premiums GROUP BY village HAVING value <> 0

-- figure claims_fen | 赔付 | claims paid | fen
SELECT village, sum(amount_fen) AS value FROM claims WHERE kind = 'insurance' GROUP BY village HAVING value <> 0

-- figure loss_ratio | 赔付率 | loss ratio | percent
SELECT village, sum(claim) AS value, sum(premium) AS weight FROM (
  SELECT village, 0 AS claim, amount_fen AS premium FROM premiums
  UNION ALL
  SELECT village, amount_fen, 0 FROM claims WHERE kind = 'insurance')
GROUP BY village HAVING weight <> 0

-- figure nursing_subsidy_fen | 护理补贴 | nursing subsidy | fen
SELECT village, sum(amount_fen) AS value FROM claims WHERE kind = 'nursing_subsidy' GROUP BY village HAVING value <> 0

-- figure supplies_in_stock | 物资库存 | supplies in stock | count | now
SELECT village.code AS village, sum(supply.stock) AS value
FROM village CROSS JOIN supply ON supply.village_code = village.code GROUP BY village.code HAVING value <> 0

-- figure supplies_given | 物资发放 | supplies given | count | now
SELECT village.code AS village, sum(supply.given) AS value
FROM village CROSS JOIN supply ON supply.village_code = village.code GROUP BY village.code HAVING value <> 0

-- figure homes_inspected | 卫生检查户 | homes inspected | count
SELECT village, count(*) AS value FROM home_score GROUP BY village

-- figure hygiene_mean | 卫生均分 | hygiene mean | mean
SELECT village, sum(value) AS value, count(*) AS weight FROM home_score GROUP BY village

-- figure projects_open | 在办项目 | projects open | count | now
SELECT village.code AS village, count(*) AS value
FROM village CROSS JOIN project ON project.village_code = village.code
WHERE project.state NOT IN ('paid', 'refused') GROUP BY village.code

-- figure projects_blocked | 异议项目 | projects with objections | count | now
SELECT village.code AS village, count(*) AS value
FROM village CROSS JOIN project ON project.village_code = village.code
WHERE project.state NOT IN ('paid', 'refused') AND EXISTS (
  SELECT 1 FROM objection WHERE objection.project_id = project.id AND objection.settled_on IS NULL)
GROUP BY village.code

-- figure surveys_completed | 完成问卷 | surveys completed | count | now
SELECT person.village, count(*) AS value
FROM person CROSS JOIN survey_response ON survey_response.resident_id = person.id
WHERE survey_response.completed = 1 AND survey_response.interviewed_on <= :until GROUP BY person.village

-- figure surveys_begun | 未完问卷 | surveys begun | count | now
SELECT person.village, count(*) AS value
FROM person CROSS JOIN survey_response ON survey_response.resident_id = person.id
WHERE coalesce(survey_response.completed, 0) = 0 AND survey_response.interviewed_on <= :until GROUP BY person.village

-- figure opinions_open | 待答意见 | opinions open | count | now
SELECT village.code AS village, count(*) AS value
FROM village CROSS JOIN opinion ON opinion.village_code = village.code
WHERE opinion.state = 'raised' AND opinion.raised_on <= :until GROUP BY village.code

-- figure certificates_open | 待送证件 | certificates open | count | now
SELECT person.village, count(*) AS value FROM person CROSS JOIN certificate ON certificate.resident_id = person.id
WHERE certificate.state <> 'delivered' AND certificate.requested_on <= :until GROUP BY person.village

-- figure certificates_delivered | 已送证件 | certificates delivered | count
SELECT everyone.village, count(*) AS value FROM everyone CROSS JOIN certificate ON certificate.resident_id = everyone.id
WHERE certificate.state = 'delivered' AND certificate.delivered_on BETWEEN :from AND :until GROUP BY everyone.village

-- figure away | 流出人口 | away | count
SELECT person.village, count(DISTINCT person.id) AS value
FROM person CROSS JOIN outflow ON outflow.resident_id = person.id
WHERE outflow.left_on <= :until AND (outflow.returned_on IS NULL OR outflow.returned_on > :until) GROUP BY person.village

-- figure arrived | 流入人口 | arrived | count
SELECT village.code AS village, count(*) AS value FROM village CROSS JOIN inflow ON inflow.village_code = village.code
WHERE inflow.arrived_on <= :until AND (inflow.left_on IS NULL OR inflow.left_on > :until) GROUP BY village.code

-- list must_visits | 必访名单 | must-visits
SELECT village, (SELECT head_name FROM household WHERE id = home) AS household,
  (SELECT phone FROM household WHERE id = home) AS phone, person, reason, due_on, done
FROM must_visit ORDER BY village, due_on, household, person, reason

-- list unchecked_elders | 未体检老人 | elders not checked
SELECT village, name, born, (SELECT head_name FROM household WHERE id = home) AS household
FROM elder WHERE NOT checked ORDER BY village, household, name

-- list awards | 年度表彰 | awards of the year
SELECT home.village, (SELECT head_name FROM household WHERE id = home.id) AS household, award.title, award.awarded_on
FROM home CROSS JOIN award ON award.household_id = home.id
WHERE award.year = CAST(substr(:until, 1, 4) AS INTEGER) AND coalesce(award.withdrawn, 0) = 0
ORDER BY home.village, award.title, household

-- list hygiene_scores | 卫生评分 | hygiene scores
SELECT village, (SELECT head_name FROM household WHERE id = home) AS household, round(value, 2) AS score
FROM home_score ORDER BY village, score DESC, household

-- list blocked_projects | 异议项目 | projects with objections
SELECT village.code AS village, project.kind, project.purpose, project.state, objection.raised_on, objection.reason
FROM village CROSS JOIN project ON project.village_code = village.code
CROSS JOIN objection ON objection.project_id = project.id
WHERE project.state NOT IN ('paid', 'refused') AND objection.settled_on IS NULL
ORDER BY village.code, objection.raised_on, project.purpose

-- late household | 家庭 | household | village_code
SELECT NULL AS stated, head_name AS about,
  remarks AS why FROM this
WHERE true

-- late resident | 居民 | resident | household_id, born, labels, deceased_on
SELECT coalesce(deceased_on, born) AS stated, name AS about,
  NULL AS why FROM this
WHERE born IS NULL OR born <= :until

-- late outflow | 流出 | outflow | resident_id, left_on, returned_on
SELECT left_on AS stated, (SELECT name FROM resident WHERE id = resident_id) AS about,
  notes AS why FROM this
WHERE left_on <= :until

-- late inflow | 流入 | inflow | village_code, arrived_on, left_on
SELECT arrived_on AS stated, name AS about,
  NULL AS why FROM this
WHERE arrived_on <= :until

-- late visit | 走访 | visit | household_id, visited_on, kind, follow_up_on
SELECT visited_on AS stated, (SELECT head_name FROM household WHERE id = household_id) AS about,
  findings AS why FROM this
WHERE visited_on BETWEEN :from AND :until OR follow_up_on BETWEEN :from AND :until
  OR (kind <> 'routine' AND visited_on BETWEEN date(:from, '-3 days') AND date(:until, '+7 days'))
  OR EXISTS (SELECT 1 FROM visit AS old WHERE old.id = this.corrects_id
    AND old.visited_on BETWEEN :from AND :until)

-- late festival | 节日 | festival | unit_code, on_date, labels
SELECT on_date AS stated, name AS about,
  NULL AS why FROM this
WHERE on_date BETWEEN :from AND :until

-- late emergency | 急事 | emergency | household_id, kind, happened_on
SELECT happened_on AS stated, (SELECT head_name FROM household WHERE id = household_id) AS about,
  notes AS why FROM this
WHERE happened_on BETWEEN :from AND :until

-- late health_check | 体检 | health check | resident_id, half_year
SELECT checked_on AS stated, (SELECT name FROM resident WHERE id = resident_id) AS about,
  coalesce(notes, ecg_note) AS why FROM this
WHERE half_year = :half_year
  OR EXISTS (SELECT 1 FROM health_check AS old WHERE old.id = this.corrects_id
    AND old.half_year = :half_year)

-- late help_given | 七助服务 | help | resident_id, given_on
SELECT given_on AS stated, (SELECT name FROM resident WHERE id = resident_id) AS about,
  notes AS why FROM this
WHERE given_on BETWEEN :from AND :until
  OR EXISTS (SELECT 1 FROM help_given AS old WHERE old.id = this.corrects_id
    AND old.given_on BETWEEN :from AND :until)

-- late pair_session | 结对活动 | session with a child | pair_id, held_on, minutes
SELECT held_on AS stated, NULL AS about,
  notes AS why FROM this
WHERE held_on BETWEEN :from AND :until
  OR EXISTS (SELECT 1 FROM pair_session AS old WHERE old.id = this.corrects_id
    AND old.held_on BETWEEN :from AND :until)

-- late service_order | 服务订单 | order | household_id, state, done_on, rating
SELECT done_on AS stated, (SELECT head_name FROM household WHERE id = household_id) AS about,
  coalesce(notes, service) AS why FROM this
WHERE state IN ('done', 'rated') AND done_on BETWEEN :from AND :until

-- late fund_entry | 基金收支 | fund entry | village_code, entered_on, amount_fen, kind
SELECT entered_on AS stated, payer_or_payee AS about,
  purpose AS why FROM this
WHERE entered_on <= :until

-- late premium | 保费 | premium | policy_id, paid_on, amount_fen
SELECT paid_on AS stated, NULL AS about,
  NULL AS why FROM this
WHERE paid_on BETWEEN :from AND :until
  OR EXISTS (SELECT 1 FROM premium AS old WHERE old.id = this.corrects_id
    AND old.paid_on BETWEEN :from AND :until)

-- late hospital_stay | 住院 | hospital stay | resident_id, admitted_on
SELECT admitted_on AS stated, (SELECT name FROM resident WHERE id = resident_id) AS about,
  hospital AS why FROM this
WHERE admitted_on BETWEEN :from AND :until

-- late claim_payment | 赔付 | claim payment | stay_id, kind, paid_on, amount_fen
SELECT paid_on AS stated, NULL AS about,
  kind AS why FROM this
WHERE paid_on BETWEEN :from AND :until
  OR EXISTS (SELECT 1 FROM claim_payment AS old WHERE old.id = this.corrects_id
    AND old.paid_on BETWEEN :from AND :until)

-- late inspection | 卫生检查 | inspection | household_id, quarter, inspector, inspected_on, score
SELECT inspected_on AS stated, (SELECT head_name FROM household WHERE id = household_id) AS about,
  notes AS why FROM this
WHERE quarter = :quarter
  OR EXISTS (SELECT 1 FROM inspection AS old WHERE old.id = this.corrects_id
    AND old.quarter = :quarter)

-- late certificate | 证件 | certificate | resident_id, state, delivered_on
SELECT delivered_on AS stated, (SELECT name FROM resident WHERE id = resident_id) AS about,
  number AS why FROM this
WHERE state = 'delivered' AND delivered_on BETWEEN :from AND :until
