-- Which of OpenAI's models are not in this file, and how many claims are about each? One row per model.
-- Section Published claims.
select claimed_of, count(*) as claim_count
from claims
where model_id is null and not starts_with(measure, 'published')
group by claimed_of
order by claim_count desc;
