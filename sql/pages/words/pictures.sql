-- Which pictures can be compared with a word? One row per picture whose activations are kept, those captioned with the word first.
-- The box that chooses the picture.
select stimulus_id, stimulus_text, source_uri, is_explicit
from stimuli
where stimulus_id in (
    select stimulus_id
    from activations
    where run_id = $run and unit_id in (
        select unit_id
        from units
        inner join layers using (layer_id)
        inner join runs using (model_id)
        where run_id = $run and layer_name = $layer
    )
)
order by contains(lower(stimulus_text), lower($word)) desc nulls last, stimulus_text, stimulus_id
limit 2000;
