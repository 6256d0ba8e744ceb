-- Instructions that were too near to an accepted one, the nearest first, beside that one.
select round(c.neighbour_score, 3) as rouge_l, c.instruction, p.instruction as accepted_before
from candidates c
join pool p on p.id = c.neighbour_id
where c.reason = 'similar'
order by c.neighbour_score desc, c.round, c.row, c.item
limit 50;
