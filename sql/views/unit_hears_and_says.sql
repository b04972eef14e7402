-- Does a unit promote the concepts that drive it? One row per run and unit with captioned top pictures.
-- Source: unit_words (the concepts it promotes: says) beside the captions of its 20 strongest pictures in the model's newest pictures run (what it
-- hears). If a unit hears one thing and says another, what it hears has a large rank among what it says.
create or replace view unit_hears_and_says as
with heard as (
    select
        model_runs.model_name,
        top_examples.unit_id,
        stimuli.stimulus_text as concept,
        min(top_examples.example_rank) as example_rank,
    from top_examples
    inner join model_runs on top_examples.run_id = model_runs.run_id
    inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
    where model_runs.job_name = 'pictures' and top_examples.example_rank <= 20 and stimuli.stimulus_text is not null
    group by model_runs.model_name, top_examples.unit_id, stimuli.stimulus_text
)

select
    unit_words.run_id,
    unit_words.model_name,
    unit_words.unit_id,
    unit_words.unit_name,
    list(unit_words.concept order by heard.example_rank, unit_words.concept_rank) filter (where heard.example_rank is not null)[1:5]
        as heard_concepts,
    list(unit_words.concept order by unit_words.concept_rank) filter (where unit_words.concept_rank <= 5)
        as said_concepts,
    median(unit_words.concept_rank) filter (where heard.example_rank is not null) as heard_rank_median,
    count(*) as concept_count,
    count(heard.example_rank) as heard_count,
    bool_or(heard.example_rank is not null and unit_words.concept_rank <= 5) as is_said,
from unit_words
left join heard
    on unit_words.unit_id = heard.unit_id
    and unit_words.concept = heard.concept
group by unit_words.run_id, unit_words.model_name, unit_words.unit_id, unit_words.unit_name
having count(heard.example_rank) > 0;
comment on view unit_hears_and_says is 'What drives each unit, beside the concepts that it promotes (says).';
comment on column unit_hears_and_says.run_id is 'Logits run.';
comment on column unit_hears_and_says.model_name is 'Model.';
comment on column unit_hears_and_says.unit_id is 'Unit of the last bottleneck''s output.';
comment on column unit_hears_and_says.unit_name is 'Its address.';
comment on column unit_hears_and_says.heard_concepts is 'Captions of its strongest pictures that are concepts of the run, the strongest first, at most five.';
comment on column unit_hears_and_says.said_concepts is 'The five concepts that it promotes most.';
comment on column unit_hears_and_says.heard_rank_median is 'Median rank, among all concepts by projection, of the captions of its 20 strongest pictures: 1 is best.';
comment on column unit_hears_and_says.concept_count is 'Concepts of the run.';
comment on column unit_hears_and_says.heard_count is 'Captions of its 20 strongest pictures that are concepts of the run.';
comment on column unit_hears_and_says.is_said is 'Whether one of these is among the five that it promotes most.';
