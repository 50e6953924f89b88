"""The least that a bot on Discord can be: discord.py, which hears every message and answers `/ping`.

It is started with DISCORD_TOKEN and DISCORD_API_URL, as Trellis is, and is written as its documentation begins.
"""

import os

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

# discord.py has two attributes of classes for another server.
Route.BASE = f"{os.environ['DISCORD_API_URL']}/v10"
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_API_URL"]).with_scheme("ws").with_path("/gateway")


class Bare(discord.Client):
    """Hears messages, and does nothing with them."""

    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = intents.members = True
        super().__init__(intents=intents)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None: ...


client = Bare()


@client.tree.command(description="Answer at once")
async def ping(interaction: discord.Interaction) -> None:
    """Answer with "pong"."""
    await interaction.response.send_message("pong", ephemeral=True)


if __name__ == "__main__":
    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
