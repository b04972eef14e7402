"""What is shown to a model: texts as pictures, and picture sets from files, tables and the network."""
