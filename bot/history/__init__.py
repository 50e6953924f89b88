"""History: what a community asked and answered before Trellis came, read from its own exports.

`archive` opens the files, `slack`, `discord` and `discord_html` read them, `staging` sorts what was said on disk,
`conversations` puts it together, `reading` decides what of it is a question with an answer, and `importing` writes it.
"""
