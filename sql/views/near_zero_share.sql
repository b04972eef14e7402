-- Which share of a unit's contributions is next to nothing? A scalar: near_zero_share(list(x), root_mean_square).
-- Source: definitions.md section 4; the threshold, a tenth of the set's root mean square, is a choice: what is near zero must not
-- depend on the scale. Null for a dead set.
create or replace macro near_zero_share(contributions, root_mean_square) as
    case
        when root_mean_square > 0
            then len(list_filter(contributions, lambda contribution: abs(contribution) < 0.1 * root_mean_square))
            / len(contributions)
    end;
comment on macro near_zero_share is 'Share of contributions below a tenth of their root mean square.';
