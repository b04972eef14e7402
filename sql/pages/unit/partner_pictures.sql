-- Which pictures drive some units most? One row per unit and picture.
-- Section The same in other models: pictures of another model's unit.
select
    top_examples.unit_id, top_examples.example_rank, top_examples.stimulus_id, stimuli.stimulus_text as caption,
    stimuli.is_explicit
from top_examples
inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
where top_examples.run_id in $runs and top_examples.unit_id in $unit_ids and top_examples.example_rank <= $most
    and top_examples.activation_mean > 0
qualify top_examples.run_id = max(top_examples.run_id) over (partition by top_examples.unit_id)
order by top_examples.unit_id, top_examples.example_rank;
