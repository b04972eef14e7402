"""From units to words: what each unit and head of the last map adds to the cosine of a picture and a text."""
