-- Which units, or words, does the article list in order? One row per finding and rank.
-- Source: definitions.md section 6; the rows are in sql/findings/published_rankings.csv and are replaced with the views.
create table if not exists published_rankings (
    finding_name text not null,
    item_rank integer not null,
    item_name text not null,
    activation_difference double,
);
comment on table published_rankings is 'The lists of units or words that findings consist of.';
comment on column published_rankings.finding_name is 'Finding.';
comment on column published_rankings.item_rank is 'Position in the list, 1 the first.';
comment on column published_rankings.item_name is 'Address of a unit, or a word.';
comment on column published_rankings.activation_difference is 'Activation on the word minus that on the baseline, as printed; null where none is given.';
