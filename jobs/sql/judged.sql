-- What was judged of the run's examples: verdicts by kind, judgement, rater and question.
select kind, name, rater, question, verdict, count(*) as verdicts, round(avg(score), 3) as mean_score
from verdicts
group by all
order by kind, name, rater, question, verdict;
