-- What each stage asked and paid, every attempt counted; and the price of one example.
select
  stage,
  outcome,
  count(*) as attempts,
  sum(usage.prompt) as prompt_tokens,
  sum(usage.completion) as completion_tokens,
  round(sum(usd), 4) as usd,
  round(sum(usd) / (select count(*) from examples), 6) as usd_per_example
from ledger
group by stage, outcome
order by stage, outcome;
