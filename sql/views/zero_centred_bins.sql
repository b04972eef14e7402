-- How are the contributions of a set spread about zero? A scalar: 39 counts, of zero_centred_bins(list(x), root_mean_square).
-- Source: a choice. 41 bins of equal width reach 3 root mean squares to both sides, the middle one is centred on zero; the
-- outermost two hold all values further out and are left off.
create or replace macro zero_centred_bins(contributions, root_mean_square) as
    map_values(
        list_aggregate(
            list_transform(contributions, lambda contribution: contribution / root_mean_square),
            'histogram',
            list_transform(range(1, 41), lambda edge: 6 * edge / 41 - 3)
        )
    )[2:40];
comment on macro zero_centred_bins is 'Counts of contributions in 39 bins of 6/41 root mean squares about zero.';
