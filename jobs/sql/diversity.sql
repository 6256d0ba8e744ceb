-- How varied the kept instructions are: their most frequent first words, and how long they are.
with first_words as (
  select lower(regexp_extract(instruction, '^\\W*(\\w+)', 1)) as first_word,
    size(rouge_tokens(instruction)) as words
  from candidates
  where kept
)
select first_word, count(*) as n, round(avg(words), 1) as mean_words, max(words) as most_words
from first_words
group by first_word
order by n desc, first_word
limit 30;
