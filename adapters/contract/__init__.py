"""The words that platforms and the bot share. Whoever brings a new platform reads this folder, and nothing else.

`models` names places and people, `events` what arrives, `text`, `ui` and `forms` what is shown, `call` what a
control means when it is used, `commands` what members can type, and `adapter` what a platform has to do.
"""
