-- How is a rank written as a whole number, for Spearman's correlation? A scalar: twice the average rank of ties, minus its mean.
-- Source: definitions.md section 4. centred_rank(rank() over w, cume_dist() over w, count): (rank + n * cume_dist) / 2 is the rank that
-- equal numbers share; twice that, minus n + 1, is whole, so sums of products are exact in any order of the rows.
create or replace macro centred_rank(first_rank, reached_share, row_count) as
first_rank + round(row_count * reached_share)::bigint - row_count - 1;
comment on macro centred_rank is 'Rank with ties shared, doubled and centred, from rank(), cume_dist() and the number of rows.';
