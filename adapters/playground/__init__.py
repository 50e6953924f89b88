"""A small community in a browser: a chat platform of our own, to try Trellis without an account anywhere.

`world` keeps the chat, `cast` says who and what is there at first, `reading` tells what stands in it, `render` draws
cards for one reader, `adapter` is the platform as Trellis sees it, `acts` is what people do, `routes` serves both over
HTTP, and `page/` is the page.
"""
