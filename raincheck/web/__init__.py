"""The HTTP faces: two FastAPI apps (`apps`), one behind keys, one that tokens open.

A protocol is a module or folder. Nothing is imported here: making the apps is left to the first request.
"""
