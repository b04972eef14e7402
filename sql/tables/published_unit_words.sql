-- Which published words drive a unit of OpenAI's models most? One row per model, unit and rank.
-- Source: "Multimodal Neurons", Distill 2021, CC BY 4.0; sql/published/published_unit_words.csv, replaced with the views.
create table if not exists published_unit_words (
    model_name text not null,
    unit_name text not null,
    word_rank integer not null,
    word text,
    is_explicit boolean not null,
);
comment on table published_unit_words is 'Those of the 10,000 commonest words, rasterised, that drive a unit most: 20 for 53 units, 3 for the others of RN50x4.';
comment on column published_unit_words.model_name is 'Model, with OpenAI''s weights: RN50, RN101 or RN50x4.';
comment on column published_unit_words.unit_name is 'Address of the unit, of the model''s last layer.';
comment on column published_unit_words.word_rank is 'Rank among the words, 1 the strongest.';
comment on column published_unit_words.word is 'Word; null where the published list has an empty text.';
comment on column published_unit_words.is_explicit is 'Whether pages blur it until a person reveals it.';
