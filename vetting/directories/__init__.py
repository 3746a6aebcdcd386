"""Directories: others who know people by their log-in, asked who somebody is and nothing more.

A directory proves who somebody is and grants nothing: officers and what they may do are kept here.
The libraries that speak to directories are extras, so only `open_directories` loads what does.
"""
