-- What do captions and keywords say about the pictures that drive a unit most? One row per pictures run, unit, picture and caption or keyword.
-- Source: unit_top_pictures, the first 20, and stimulus_keywords. Ask for a unit or a layer.
create or replace view top_picture_texts as
select
    unit_top_pictures.run_id,
    unit_top_pictures.model_name,
    unit_top_pictures.unit_id,
    unit_top_pictures.unit_name,
    unit_top_pictures.layer_name,
    unit_top_pictures.example_rank,
    plain_words(unit_top_pictures.caption) as text_words,
from unit_top_pictures
where unit_top_pictures.example_rank <= 20
union all
select
    unit_top_pictures.run_id,
    unit_top_pictures.model_name,
    unit_top_pictures.unit_id,
    unit_top_pictures.unit_name,
    unit_top_pictures.layer_name,
    unit_top_pictures.example_rank,
    plain_words(stimulus_keywords.keyword) as text_words,
from unit_top_pictures
inner join stimulus_keywords on unit_top_pictures.stimulus_id = stimulus_keywords.stimulus_id
where unit_top_pictures.example_rank <= 20;
comment on view top_picture_texts is 'Captions and keywords of each unit''s first 20 pictures.';
comment on column top_picture_texts.run_id is 'Pictures run.';
comment on column top_picture_texts.model_name is 'Model.';
comment on column top_picture_texts.unit_id is 'Unit.';
comment on column top_picture_texts.unit_name is 'Address of the unit.';
comment on column top_picture_texts.layer_name is 'Address of its layer.';
comment on column top_picture_texts.example_rank is 'Rank of the picture, 1 the largest; at most 20.';
comment on column top_picture_texts.text_words is 'Caption or keyword as normalised by plain_words.';
