-- Which words besides the caption does a picture's source give? One row per picture and keyword.
-- Source: the pictures job: labels and keywords of tables and of webdataset.
create table if not exists stimulus_keywords (
    stimulus_id integer not null,
    keyword text not null,
    primary key (stimulus_id, keyword),
);
comment on table stimulus_keywords is 'Keywords and labels of pictures, as their source gives them.';
comment on column stimulus_keywords.stimulus_id is 'Picture.';
comment on column stimulus_keywords.keyword is 'The word.';
