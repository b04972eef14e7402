-- Are the published shares and words that come with the program given once, in order and within their bounds?
select
    'published_shares' as table_name,
    published_shares.model_name,
    published_shares.unit_name,
from published_shares
where published_shares.run_id is null
group by published_shares.model_name, published_shares.unit_name
having count(*) > 1 or max(published_shares.shortcut_share) > 1 or min(published_shares.shortcut_share) < 0
union all
select
    'published_unit_words' as table_name,
    published_unit_words.model_name,
    published_unit_words.unit_name,
from published_unit_words
group by published_unit_words.model_name, published_unit_words.unit_name
having
    min(published_unit_words.word_rank) <> 1
    or max(published_unit_words.word_rank) <> count(*)
    or count(distinct published_unit_words.word_rank) <> count(*);
