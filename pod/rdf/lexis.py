"""Where anything may stand in Turtle, N3 and SPARQL: strings, IRIs, comments and escapes.

Sources of patterns for texts. A string or IRI that does not end is taken up to where it would
have to, so that no text, however odd, is read twice.
"""

STRING = (
    r'(?:"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n\r]|\\.)*+"?'
    r"|'(?:[^'\\\n\r]|\\.)*+'?)"
)
IRI = r"<(?:[^<>\"{}|^`\\\x00-\x20]|\\[uU])*+>"
COMMENT = r"#[^\n\r]*+"
ESCAPE = r"\\."
