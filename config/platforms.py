"""What admins say of the store, the platforms and what is served."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, SecretStr

from .field import Names, setting


class Store(BaseModel):
    """Where Trellis keeps what it knows."""

    heading: ClassVar[str] = "Store"

    database_url: str = setting(
        "sqlite+aiosqlite:///trellis.db",
        "Where Trellis keeps what it knows: an SQLite file, or postgresql://user:password@host/name.",
        more=(
            "With SQLite, the path is relative to the folder where Trellis starts, or absolute with four slashes; "
            "only the file's owner may read it. Behind a PostgreSQL address may stand `?sslmode=`, `ssl`, `host`, "
            "`port`, `passfile` and `target_session_attrs`."
        ),
        example="`postgresql://trellis:secret@db/trellis`",
    )
    keep_audit_days: int = setting(
        730, "For how many days `/audit` knows who did what; 0 for ever.", example="`365`", ge=0, le=36500
    )
    keep_dead_letters_days: int = setting(
        90,
        "For how many days what failed by our own fault is kept for somebody to look at; 0 for ever.",
        example="`30`",
        ge=0,
        le=36500,
    )
    keep_removed_days: int = setting(
        30,
        "For how many days a workspace or server that removed Trellis is kept, in case it comes back; 0 for ever.",
        more="Then everything that is known of it is deleted.",
        example="`7`",
        ge=0,
        le=36500,
    )
    backup_recipients: Names = setting(
        (),
        "For whom `trellis backup` encrypts: public keys of age, with commas between them.",
        more="`trellis backup-key FILE` makes a key and prints its public part. Without any, a backup needs `--plain`.",
        example="`age1...`",
    )
    erasure_journal: str = setting(
        "",
        "The file that says which accounts were erased, for the day on which a backup is restored.",
        more="Empty: beside the SQLite database, or in the folder where Trellis starts. Best on another disk.",
        example="`/var/lib/trellis/erasures`",
    )


class Discord(BaseModel):
    """How Trellis is on Discord."""

    heading: ClassVar[str] = "Discord"

    discord_token: SecretStr = setting(
        SecretStr(""),
        "The bot's token, from Discord's developer portal.",
        more="Setting it says that Trellis runs on Discord.",
    )
    discord_guild_ids: Names = setting(
        (),
        "The servers in which Trellis is at home, by id; empty for all that it was invited to.",
        example="`123456789012345678`",
    )
    discord_api_url: str = setting(
        "",
        (
            "Another server of Discord's protocol, for tests: the REST base without version, such as "
            "http://127.0.0.1:9000/api."
        ),
        more="The gateway's address is taken from it.",
        example="`http://127.0.0.1:9000/api`",
    )


class Slack(BaseModel):
    """How Trellis is on Slack."""

    heading: ClassVar[str] = "Slack"

    slack_bot_token: SecretStr = setting(
        SecretStr(""),
        "The bot's token (xoxb-...).",
        more="Setting it says that Trellis runs on Slack.",
        example="`xoxb-...`",
    )
    slack_app_token: SecretStr = setting(
        SecretStr(""), "The app-level token (xapp-...) for Socket Mode.", example="`xapp-...`"
    )
    slack_signing_secret: SecretStr = setting(SecretStr(""), "The signing secret, for HTTP mode.")
    slack_client_id: str = setting(
        "",
        (
            "For many workspaces instead of the bot's token: the app's client id, with which admins install it at "
            "/slack/install."
        ),
        example="`123.456`",
    )
    slack_client_secret: SecretStr = setting(SecretStr(""), "The app's client secret, beside the client id.")
    slack_encryption_key: SecretStr = setting(
        SecretStr(""),
        (
            "What encrypts the workspaces' tokens in the database: openssl rand -base64 32 | tr '+/' '-_'. Keep "
            "it apart from backups."
        ),
        more="It is 32 random bytes in URL-safe base64. To change it, put the new one in front of the old one.",
        example="`openssl rand -base64 32 | tr '+/' '-_'` prints one",
    )
    slack_install_teams: Names = setting(
        (),
        "The workspaces that may install the app at /slack/install, by id; empty for whoever has the link.",
        example="`T0123,T0456`",
    )
    slack_api_url: str = setting(
        "",
        (
            "Another server of Slack's protocol, for tests: the base of the Web API methods, such as "
            "http://127.0.0.1:9001/api/."
        ),
        example="`http://127.0.0.1:9001/api/`",
    )
    slack_command_prefix: str = setting(
        "",
        'What stands before the name of every slash command on Slack, such as "t-" for /t-ask.',
        example="`t-` gives `/t-ask`",
    )
    slack_suggested_prompts: bool = setting(
        False,
        "Whether Slack suggests in the direct channel what can be said to Trellis. Slack then shuts guests out of it.",
        more="Print and paste the manifest again. Read [what it takes](connect-slack.md#suggested-prompts) first.",
    )


class Serving(BaseModel):
    """What Trellis serves, and what it tells of itself."""

    heading: ClassVar[str] = "Web server, playground and log"

    web_host: str = setting(
        "127.0.0.1",
        "The address on which Trellis serves its health and the playground.",
        more="The health is at `/healthz` and `/readyz`; members' calendars are served there too.",
        example="`0.0.0.0` in a container",
    )
    web_url: str = setting(
        "",
        (
            "Where Trellis can be reached from outside, such as https://trellis.example.org; members' calendars "
            "are fetched from there."
        ),
        more="Only `/calendar/` has to be reachable. Empty: the playground's own address, or no such addresses.",
        example="`https://trellis.example.org`",
        pattern=r"^(https?://\S+)?$",
    )
    web_port: int = setting(
        8080,
        "The port; 0 for any that is free.",
        more="The playground's address is printed at the start.",
        example="`8090`",
        ge=0,
        le=65535,
    )
    playground: Literal["auto", "on", "off"] = setting(
        "auto",
        (
            "The playground: auto (on when no platform token is set), on or off. Anyone who can open it can act "
            "as anyone in it."
        ),
        more=(
            "So with `auto` Trellis refuses to serve it on more than this machine, and it answers only to a "
            "loopback name."
        ),
        example="`off`",
    )
    metrics_token: SecretStr = setting(
        SecretStr(""),
        "What Prometheus has to bring to read `/metrics`, as a bearer token; empty: nothing is served there.",
        more="Labels name platforms, kinds and outcomes, never people or what they wrote.",
        example="`openssl rand -hex 32` prints one",
    )
    dashboard: Literal["auto", "on", "off"] = setting(
        "auto",
        (
            "The web page for moderators and admins: auto (on where only this machine can reach it), on (needs "
            "TRELLIS_WEB_URL) or off."
        ),
        more="“/dashboard” gives a link to it that works once. Before you turn it on, put https in front of Trellis.",
        example="`on`",
    )
    log_format: Literal["text", "json"] = setting(
        "text",
        "What the log looks like: text for people, json for machines.",
        more="It goes to standard error.",
        example="`json`",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "INFO", "From where on things are logged: DEBUG, INFO, WARNING or ERROR.", example="`WARNING`"
    )
