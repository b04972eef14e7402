-- Where do the units and words that the article lists stand in our ranking? One line per finding, with our ranks in the article's order.
select
    models.model_name,
    findings.claim,
    list(finding_ranks.our_rank order by finding_ranks.item_rank) as our_ranks,
from finding_ranks
inner join findings on finding_ranks.finding_name = findings.finding_name
inner join models on finding_ranks.model_id = models.model_id
group by models.model_name, findings.finding_index, findings.claim
order by models.model_name, findings.finding_index;
