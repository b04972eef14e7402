-- What is a rank for Spearman's correlation, as a whole number? A scalar: twice the average rank of equal numbers, less its mean.
-- Source: definitions.md section 4. centred_rank(rank() over w, cume_dist() over w, count): (rank + n * cume_dist) / 2 is the rank that
-- equal numbers share; twice that, less n + 1, is whole, so that sums of products are exact in any order of the rows.
create or replace macro centred_rank(first_rank, reached_share, row_count) as
first_rank + round(row_count * reached_share)::bigint - row_count - 1;
comment on macro centred_rank is 'Rank with ties shared, doubled and centred, from rank(), cume_dist() and the number of rows.';
