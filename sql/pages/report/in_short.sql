-- How do the most important claims fare? Ten rows, one per kind of claim with a value, those tested on the claim's own model first.
-- Section In short.
select claim, model_name || ' (' || pretrained_tag || ')' as model, claimed_of, published_value, our_value, comparison, tolerance, verdict
from claims
where model_id is not null and our_value is not null
qualify row_number() over (partition by measure order by verdict = 'compares', finding_index, model_id) = 1
order by verdict = 'compares', finding_index
limit 10;
