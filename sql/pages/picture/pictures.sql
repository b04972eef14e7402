-- Which pictures have strengths? One row per picture.
-- Box Picture.
select stimulus_id, stimulus_text as caption, source_uri, is_explicit
from picture_embeddings
inner join stimuli using (stimulus_id)
where run_id = $run
order by stimulus_text nulls last, stimulus_id;
