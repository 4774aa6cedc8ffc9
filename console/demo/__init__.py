"""The whole job on one machine, with made-up data and a proof at the end."""
