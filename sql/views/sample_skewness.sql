-- How lopsided is a set? A scalar: sample_skewness(m2, m3, n) of its second and third central moments and its size.
-- Source: Joanes and Gill 1998 (G1); equal to skewness(x), but from moments. Null below four, where Sarle's coefficient has no value.
create or replace macro sample_skewness(variance, third_moment, contribution_count) as
    case
        when contribution_count > 3 and variance > 0
            then third_moment / variance ** 1.5 * sqrt(contribution_count * (contribution_count - 1.0::double))
            / (contribution_count - 2)
    end;
comment on macro sample_skewness is 'Sample skewness, from the second and third central moments and the count.';
