-- How much each round gave: requests, candidates, kept ones, kept ones a request.
select
  r.round,
  r.requests,
  coalesce(c.candidates, 0) as candidates,
  coalesce(c.kept, 0) as kept,
  round(coalesce(c.kept, 0) / r.requests, 2) as kept_per_request
from (select round, count(*) as requests from requests where stage = 'generate' group by round) r
left join (
  select round, count(*) as candidates, count_if(kept) as kept from candidates group by round
) c on c.round = r.round
order by r.round;
