-- Which share of a unit's contributions is near zero? A scalar: near_zero_share(list(x), root_mean_square).
-- Source: definitions.md section 4; the threshold, a tenth of the set's root mean square, is a choice that does not
-- depend on the scale. Null for a dead unit.
create or replace macro near_zero_share(contributions, root_mean_square) as
    case
        when root_mean_square > 0
            then len(list_filter(contributions, lambda contribution: abs(contribution) < 0.1 * root_mean_square))
            / len(contributions)
    end;
comment on macro near_zero_share is 'Share of contributions below a tenth of their root mean square.';
