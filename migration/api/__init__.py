"""The REST API: parse, authorise, call one service, answer in the envelope.

A view says for each method which right it needs; one that names none answers nobody. The services
ask again, so that a door that forgets is no way in.
"""
