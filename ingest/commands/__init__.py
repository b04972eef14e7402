"""The verbs of the command line that need a model, a module for each subject; imported only to run one of them.

Each verb is a function of the parsed options and the path of the warehouse; the options stand in
ingest.commands.arguments.
"""
