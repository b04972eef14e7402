-- Which names have people given to units of OpenAI's models? One row per model, unit and name.
-- Source: "Multimodal Neurons", Distill 2021, CC BY 4.0; sql/published/published_unit_names.csv, replaced with the views.
create table if not exists published_unit_names (
    model_name text not null,
    unit_name text not null,
    name text not null,
    where_named text not null,
);
comment on table published_unit_names is 'Names that the authors of "Multimodal Neurons" gave to units by hand.';
comment on column published_unit_names.model_name is 'Model, with OpenAI''s weights.';
comment on column published_unit_names.unit_name is 'Address of the unit.';
comment on column published_unit_names.name is 'Name.';
comment on column published_unit_names.where_named is 'Part of the article that gives the name.';
