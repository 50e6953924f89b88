"""Slack's names of the emoji that people use most, and their characters. Any other keeps its name."""

from __future__ import annotations

import re

_ROWS = """
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 clap 👏 raised_hands 🙌 pray 🙏 ok_hand 👌 wave 👋 muscle 💪 point_up ☝️
point_up_2 👆 point_down 👇 point_left 👈 point_right 👉 fist ✊ facepunch 👊 v ✌️ crossed_fingers 🤞 handshake 🤝
raised_hand ✋ hand ✋ raising_hand 🙋 writing_hand ✍️ eyes 👀 brain 🧠 salute 🫡 saluting_face 🫡 shrug 🤷
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 sparkling_heart 💖
broken_heart 💔 two_hearts 💕 heartpulse 💗 heart_eyes 😍 smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂
rolling_on_the_floor_laughing 🤣 sweat_smile 😅 laughing 😆 satisfied 😆 slightly_smiling_face 🙂 upside_down_face 🙃
wink 😉 blush 😊 innocent 😇 relaxed ☺️ relieved 😌 sunglasses 😎 star-struck 🤩 hugging_face 🤗 thinking_face 🤔
face_with_monocle 🧐 nerd_face 🤓 neutral_face 😐 expressionless 😑 no_mouth 😶 smirk 😏 face_with_rolling_eyes 🙄
grimacing 😬 confused 😕 worried 😟 slightly_frowning_face 🙁 disappointed 😞 cry 😢 sob 😭 scream 😱 angry 😠 rage 😡
sleeping 😴 mask 😷 exploding_head 🤯 partying_face 🥳 zany_face 🤪 yum 😋 face_palm 🤦 melting_face 🫠 robot_face 🤖
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 first_place_medal 🥇 second_place_medal 🥈
third_place_medal 🥉 star ⭐ star2 🌟 sparkles ✨ dizzy 💫 fire 🔥 boom 💥 zap ⚡ rocket 🚀 100 💯 rainbow 🌈 sunny ☀️
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ no_entry ⛔
no_entry_sign 🚫 warning ⚠️ question ❓ grey_question ❔ exclamation ❗ heavy_exclamation_mark ❗ bangbang ‼️
sos 🆘 ok 🆗 new 🆕 recycle ♻️ infinity ♾️
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
white_circle ⚪ black_circle ⚫ arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣
five 5️⃣ bulb 💡 books 📚 book 📖 bookmark 🔖 memo 📝 pencil2 ✏️ pushpin 📌 round_pushpin 📍 link 🔗 paperclip 📎
mag 🔍 mag_right 🔎 key 🔑 lock 🔒 unlock 🔓 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 speech_balloon 💬
thought_balloon 💭
hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ alarm_clock ⏰ clock1 🕐 calendar 📆 date 📅 spiral_calendar_pad 🗓️
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 computer 💻 bug 🐛 wrench 🔧 hammer 🔨
hammer_and_wrench 🛠️ gear ⚙️ construction 🚧 package 📦 ship 🚢 dart 🎯 game_die 🎲 crystal_ball 🔮 gem 💎 moneybag 💰
coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 cake 🍰 birthday 🎂 cookie 🍪 doughnut 🍩 pizza 🍕 taco 🌮 popcorn 🍿
seedling 🌱 herb 🌿 four_leaf_clover 🍀 deciduous_tree 🌳 cherry_blossom 🌸 rose 🌹 sunflower 🌻 bouquet 💐 dog 🐶
cat 🐱
turtle 🐢 snail 🐌 penguin 🐧 owl 🦉 bee 🐝 unicorn_face 🦄 see_no_evil 🙈 earth_africa 🌍 earth_americas 🌎 globe 🌐
house 🏠 office 🏢 airplane ✈️ car 🚗 bike 🚲 checkered_flag 🏁 triangular_flag_on_post 🚩 ghost 👻 skull 💀 poop 💩
"""
_ALL = _ROWS.split()
CHARACTERS = dict(zip(_ALL[::2], _ALL[1::2], strict=True))

_WRITTEN = re.compile(r"(?<![A-Za-z0-9]):([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?(?![A-Za-z0-9])")


def character(name: str) -> str:
    """Return the emoji of that name, whatever its skin tone, or the name where it is not a common one."""
    bare = name.partition("::")[0]
    return CHARACTERS.get(bare, bare)


def spell_out(words: str) -> str:
    """Turn `:tada:` into its character, as people see it; not inside a word: `user:key:1` is none."""
    return _WRITTEN.sub(lambda match: CHARACTERS.get(match[1], match[0]), words)
