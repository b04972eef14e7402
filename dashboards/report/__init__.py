"""What a warehouse says of the article, as one page to print or attach. Imports no streamlit: a command writes it."""
