-- What was rejected and why, with one text of each reason.
with rejected as (
  select 'candidates' as table_name, reason, raw from candidates where not kept
  union all
  select 'instances', reason, raw from instances where not kept
)
select table_name, reason, count(*) as n, min(raw) as for_example
from rejected
group by table_name, reason
order by table_name, n desc, reason;
