-- Which ranks do the units and words that the article lists have in our runs? One row per finding, model, item and, for weights, gates.
-- Source: published_rankings; definitions.md sections 3 and 6. Of several runs of a model, the newest that holds the word, or
-- the pair of layers, counts. Units are ranked by the original's own mean and magnitude (raw convolutions, E * s / s).
create or replace view finding_ranks as
select
    listed_items.finding_name,
    listed_word_ranks.model_id,
    listed_items.item_rank,
    listed_items.item_name,
    listed_word_ranks.our_rank,
    listed_word_ranks.ranked_count,
    null::text as gates,
from listed_items
inner join listed_word_ranks
    on listed_items.stimulus_text = listed_word_ranks.stimulus_text
    and listed_items.layer_name = listed_word_ranks.layer_name
    and listed_items.ranked_unit = listed_word_ranks.unit_name
where listed_items.measure in ('units among the first', 'rank of a unit', 'words that a unit answers to')
union all
select
    listed_items.finding_name,
    claimed_unit_words.model_id,
    listed_items.item_rank,
    listed_items.item_name,
    min(claimed_unit_words.our_rank) as our_rank,
    any_value(claimed_unit_words.ranked_count) as ranked_count,
    null::text as gates,
from listed_items
inner join claimed_unit_words
    on listed_items.finding_name = claimed_unit_words.finding_name
    and listed_items.item_name = claimed_unit_words.word
where listed_items.measure = 'words among the first'
group by listed_items.finding_name, claimed_unit_words.model_id, listed_items.item_rank, listed_items.item_name
union all
select
    listed_items.finding_name,
    listed_contributors.model_id,
    listed_items.item_rank,
    listed_items.item_name,
    listed_contributors.our_rank,
    listed_contributors.ranked_count,
    listed_contributors.gates,
from listed_items
inner join listed_contributors
    on listed_items.finding_name = listed_contributors.finding_name
    and listed_items.item_name = listed_contributors.unit_name;
comment on view finding_ranks is 'Published rank and our rank of every listed unit and word.';
comment on column finding_ranks.finding_name is 'Finding.';
comment on column finding_ranks.model_id is 'Model.';
comment on column finding_ranks.item_rank is 'Rank in the published list.';
comment on column finding_ranks.item_name is 'Unit, or word.';
comment on column finding_ranks.our_rank is 'Its rank in ours, 1 the first.';
comment on column finding_ranks.ranked_count is 'How many units, or words, are ranked.';
comment on column finding_ranks.gates is 'linear or pictures: which expanded weights the units are ranked by; null for words.';
