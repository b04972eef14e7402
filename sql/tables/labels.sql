-- What does a person see in a picture that drives a unit? One row per unit, picture and label.
-- Source: written by people, on a page or in SQL; outlives every run.
create table if not exists labels (
    unit_id integer not null,
    stimulus_id integer not null,
    label_name text not null,
    labelled_at timestamp not null,
);
comment on table labels is 'Labels that people gave to pictures of a unit.';
comment on column labels.unit_id is 'Unit that the label was given for.';
comment on column labels.stimulus_id is 'Picture.';
comment on column labels.label_name is 'What the person sees, lower case, for example hat.';
comment on column labels.labelled_at is 'When it was given, UTC.';
