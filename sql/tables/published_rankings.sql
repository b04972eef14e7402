-- Which units, or words, does the article list in order? One row per finding and place.
-- Source: definitions.md section 6; the rows stand in sql/findings/published_rankings.csv and are replaced with the views.
create table if not exists published_rankings (
    finding_name text not null,
    item_rank integer not null,
    item_name text not null,
    activation_difference double,
);
comment on table published_rankings is 'Lists of units and of words that a finding consists of.';
comment on column published_rankings.finding_name is 'Finding.';
comment on column published_rankings.item_rank is 'Place in the list, 1 the first.';
comment on column published_rankings.item_name is 'Address of a unit, or a word.';
comment on column published_rankings.activation_difference is 'Activation on the word minus that on the baseline, as printed; null where there is none.';
