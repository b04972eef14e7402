-- Does a set look exponential or normal? A scalar: laplace_gain(list(x), median(x), var_pop(x)).
-- Source: definitions.md section 4. The best-fitting Laplace distribution has the median and the mean absolute deviation b from
-- it: log-likelihood -(ln(2b) + 1) a contribution; the best normal one has the variance v: -(ln(2 pi v) + 1) / 2.
create or replace macro laplace_gain(contributions, middle, variance) as
    (ln(2 * pi() * variance) + 1) / 2
    - (ln(2 * list_avg(list_transform(contributions, lambda contribution: abs(contribution - middle)))) + 1);
comment on macro laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution.';
