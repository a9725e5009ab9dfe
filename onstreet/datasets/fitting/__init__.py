"""The geometry of city data: points and spans that a city publishes -> spans of segments on the lines of blocks.

All of it works on whole arrays and answers odd data with values: no line is -1, no known side is `UNKNOWN`.
"""
