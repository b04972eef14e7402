-- Which words does a text contain, for comparing texts? A text: plain_words('Two red Hats!') is ' two red hat '.
-- Source: multimodal_units. Letters and digits in lower case, a plural s dropped, a space on either side of each word, so
-- that contains(plain_words(caption), plain_words('ice cream')) finds whole words only.
create or replace macro plain_words(original_text) as
    ' ' || array_to_string(
        list_transform(
            regexp_extract_all(lower(original_text), '[\p{L}\p{N}]+'),
            lambda word: regexp_replace(word, '^(..+[^s])s$', '\1')
        ),
        ' '
    ) || ' ';
comment on macro plain_words is 'The words of a text in lower case and without a plural s, each between spaces.';
