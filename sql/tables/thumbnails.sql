-- What does a picture look like? One row per picture with a small copy.
-- Source: the pictures job.
create table if not exists thumbnails (
    stimulus_id integer primary key,
    thumbnail blob not null,
);
comment on table thumbnails is 'Small copies of pictures for pages.';
comment on column thumbnails.stimulus_id is 'Picture.';
comment on column thumbnails.thumbnail is 'Encoded picture (WebP).';
