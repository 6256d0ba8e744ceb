-- How each training went: steps, tokens, the loss at its ends, and the lowest loss on held-out examples.
select
  name,
  max(step) as steps,
  round(max(epoch), 2) as epochs,
  sum(tokens) as tokens,
  round(min_by(loss, step) filter (where loss is not null), 4) as first_loss,
  round(max_by(loss, step) filter (where loss is not null), 4) as last_loss,
  round(min(evaluation_loss), 4) as best_evaluation_loss,
  min_by(step, evaluation_loss) filter (where evaluation_loss is not null) as at_step
from training
group by name
order by name;
