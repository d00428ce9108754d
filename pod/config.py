"""What can be set, by file, by environment and by option; in this order the later wins.

A setting `limits.body` is written `[limits] body = …` in the TOML file and POD_LIMITS_BODY in
the environment. Wrong settings stop the start, with every mistake listed at once.
"""
