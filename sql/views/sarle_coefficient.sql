-- Does a set fall into two groups, by Sarle's bimodality coefficient? A scalar: sarle_coefficient(skewness(x), kurtosis(x), count(x)).
-- Source: SAS/STAT user's guide, after Sarle; sample skewness and sample excess kurtosis, as DuckDB's skewness and kurtosis
-- are. 5/9 for a uniform distribution, 1/3 for a normal one; fooled by skew, so compare it with the dip and the notch at zero.
create or replace macro sarle_coefficient(skewness, excess_kurtosis, contribution_count) as
    (skewness ** 2 + 1)
    / (
        excess_kurtosis
        + 3 * (contribution_count - 1.0::double) ** 2
        / ((contribution_count - 2.0::double) * (contribution_count - 3.0::double))
    );
comment on macro sarle_coefficient is 'Sarle''s bimodality coefficient, from sample skewness, sample excess kurtosis and count.';
