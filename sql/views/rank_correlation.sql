-- How similarly do two quantities rank? An aggregate: rank_correlation(centred_rank(...), centred_rank(...)) over the rows of a group.
-- Source: definitions.md section 4, Spearman's: the correlation of ranks, exact as they are whole numbers; null where one of them is constant.
create or replace macro rank_correlation(first_rank, second_rank) as
sum(first_rank * second_rank)::double
/ nullif(sqrt(sum(first_rank * first_rank)::double) * sqrt(sum(second_rank * second_rank)::double), 0);
comment on macro rank_correlation is 'Spearman''s correlation of two centred ranks.';
