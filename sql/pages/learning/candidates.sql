-- In which units do the two branches bring different concepts? One row per unit of a bottleneck, the best first.
-- Section Enrichment candidates.
select
    enrichment_rank, unit_name, enrichment_score, shortcut_share, cosine_similarity, shortcut_unit, residual_unit,
    shared_picture_count, shared_word_count, shortcut_words, residual_words, output_words
from all_runs.enrichment_candidates
where run_id = $run and definition = $definition and bottleneck_name = $bottleneck
order by enrichment_rank
limit 100;
