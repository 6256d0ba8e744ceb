-- For each example: the instruction it was made from, and the demonstrations that the model had seen.
select
  e.round,
  e.row,
  e.item,
  e.instruction,
  c.answer_id,
  collect_list(p.instruction) as shown_to_the_model
from examples e
join instances i on i.instance_id = e.instance_id
join candidates c on c.candidate_id = i.candidate_id
join (select request_key, explode(demonstrations) as id from requests) d on d.request_key = c.request_key
join pool p on p.id = d.id
where e.source = 'machine'
group by e.round, e.row, e.item, e.n, e.instruction, c.answer_id
order by e.round, e.row, e.item, e.n;
