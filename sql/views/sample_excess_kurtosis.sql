-- How heavy are a set's tails? A scalar: sample_excess_kurtosis(m2, m4, n) of its second and fourth central moments and its size.
-- Source: Joanes and Gill 1998 (G2); equal to kurtosis(x), but from moments. 0 normal, 3 Laplace; null below four.
create or replace macro sample_excess_kurtosis(variance, fourth_moment, contribution_count) as
    case
        when contribution_count > 3 and variance > 0
            then (contribution_count - 1.0::double)
            / ((contribution_count - 2.0::double) * (contribution_count - 3.0::double))
            * ((contribution_count + 1) * (fourth_moment / variance ** 2 - 3) + 6)
    end;
comment on macro sample_excess_kurtosis is 'Sample excess kurtosis, from the second and fourth central moments and the count.';
