-- Which units of OpenAI's models respond to the same features? One row per feature, model and unit.
-- Source: "Multimodal Neurons", Distill 2021, CC BY 4.0; sql/published/published_features.csv, replaced with the views.
create table if not exists published_features (
    model_name text not null,
    unit_name text not null,
    feature text not null,
);
comment on table published_features is 'Units for eight families of features that RN50, RN101 and RN50x4 share.';
comment on column published_features.model_name is 'Model, with OpenAI''s weights.';
comment on column published_features.unit_name is 'Address of the unit.';
comment on column published_features.feature is 'Family of features.';
