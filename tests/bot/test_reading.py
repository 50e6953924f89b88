"""What messages are for: whether they ask, answer, ask back or say that somebody is content; what they are about."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.contract.text import clean
from bot.text.reading import Verdict, asks_back, is_answer, is_content, is_question, likely
from bot.text.reading.lexicon import KINDS, known_languages, lexicon
from bot.text.titles import split_title

YES, NO, UNSURE = Verdict.YES, Verdict.NO, Verdict.UNSURE


@pytest.mark.parametrize(
    "words",
    [
        "How do I rotate the webhook secret?",
        "hi all, anyone know how to page through users",
        "The build fails with error 137 since yesterday",
        "Suche ein gutes Werkzeug für Rechnungen",
        "Gibts eine Vorlage für Rechnungen",
        "I can't log in any more",
        "Does this work on ARM? I read that it might.",
        "why does `x` raise KeyError",
        "Wie installiere ich das unter Windows?",
        "Wie installiere ich das unter Windows",
        "Kann man zwei Server gleichzeitig betreiben",
        "Lohnt sich der Umstieg auf Version 4?",
        "Bei mir kommt nach dem Login nur eine weiße Seite",
        "Die Migration schlägt mit einem Syntaxfehler fehl",
        "Darf man die API auch kommerziell nutzen",
        "How can we move the database to another host",
        "Is there a limit on the number of webhooks",
        "Since the upgrade my dashboards are empty",
        "怎么在不停机的情况下更新 webhook 密钥？",
        "怎么在不停机的情况下更新 webhook 密钥",
        "パスワードを変更するにはどうすればいいですか",
        "كيف يمكنني تغيير كلمة المرور؟",
        "¿Cómo cambio la contraseña?",
        "Πώς αλλάζω τον κωδικό;",
    ],
)
def test_what_asks_is_a_question_in_every_script(words: str) -> None:
    assert is_question(words) is YES


@pytest.mark.parametrize(
    "words",
    [
        "How do I follow the guide for Docker",
        "Is there a guide on how to reset the password?",
        "Who is on support today? My account is locked.",
        "Who can reset my password?",
        "Wer kann mir mit dem Login helfen?",
    ],
)
def test_what_asks_about_a_guide_or_for_somebody_is_a_question(words: str) -> None:
    assert is_question(words) is YES


@pytest.mark.parametrize("words", ["help", "Help!!", "help please", "Hilfe", "Hilfe bitte!", "SOS", "求助", "¡Ayuda!"])
def test_a_mere_call_for_help_is_never_left_alone(words: str) -> None:
    assert is_question(words) is UNSURE


@pytest.mark.parametrize(
    "words",
    [
        "Wie versprochen die Folien",
        "Wie angekündigt ist heute ab 18 Uhr Wartung",
        "Wie gesagt, der Server ist schon umgezogen",
        "Was mich angeht: ich bin dabei",
        "As promised, the slides",
        "Como prometido, las diapositivas",
        "Как и обещал, слайды",
    ],
)
def test_what_only_begins_like_a_question_is_none(words: str) -> None:
    assert is_question(words) is NO


def test_a_question_behind_such_a_beginning_is_one() -> None:
    assert is_question("Wie gesagt, wie installiere ich das ohne Adminrechte") is YES
    assert is_question("As I said, how do I install it without admin rights") is YES


@pytest.mark.parametrize(
    "words",
    [
        "thanks, that works!",
        "Good morning everyone",
        "https://example.org/?q=what",
        "I fixed the error, thank you",
        "brb",
        "",
        "\u200b",
        "🎉🎉🎉",
        "Release 2.4 is out with ARM images.",
        "Danke, das klappt!",
        "谢谢，可以了",
    ],
)
def test_chatter_is_no_question(words: str) -> None:
    assert is_question(words) is NO


@pytest.mark.parametrize(
    "words",
    [
        "Has anyone seen my cat? just kidding",
        "anyone up for lunch?",
        "ok?",
        "Who broke it 😂",
        "Wo ein Wille ist, ist ein Weg",
        "Wer möchte, kann sich noch eintragen",
        "Is it friday yet? joking",
        "Poll: who uses vim?",
        "Selling my old GPU, anyone interested?",
        "Umfrage: wer nutzt vim?",
        "Verkaufe meine alte Grafikkarte, jemand Interesse?",
    ],
)
def test_of_what_may_be_meant_in_another_way_one_is_never_sure(words: str) -> None:
    assert is_question(words) is not YES


@pytest.mark.parametrize(
    "words",
    [
        "jak zmienić hasło do konta",
        "şifremi nasıl değiştirebilirim",
        "पासवर्ड कैसे बदलें",
        "เปลี่ยนรหัสผ่านอย่างไร",
        "איך משנים סיסמה",
        "CSVの出力方法を教えてください",
        "如何重置密码",
        "```\nKeyError: 'secret'\n```",
        "question about billing",
        "Frage zum Export",
    ],
)
def test_of_what_is_not_understood_one_is_never_sure_that_it_asks_nothing(words: str) -> None:
    assert is_question(words) is not NO


@pytest.mark.parametrize(
    "words",
    ["Wer Fragen hat, schreibt mir", "Was ihr braucht, steht im Wiki", "Was mir geholfen hat, war ein Neustart"],
)
def test_who_is_meant_is_no_question(words: str) -> None:
    assert is_question(words) is NO


@pytest.mark.parametrize(
    "words",
    [
        "Was passiert, wenn der Schlüssel abläuft",
        "Was muss ich tun, damit es geht",
        "Wo finde ich, was ich brauche",
        "How can I tell whether somebody is kidding?",
        "How can I install pandas? Not kidding, it fails every time",
        "Scherz beiseite, wie installiere ich das ohne Adminrechte",
    ],
)
def test_what_only_looks_like_that_or_like_a_joke_is_one(words: str) -> None:
    assert is_question(words) is YES


@pytest.mark.parametrize("words", ["Habe den Fehler gefunden", "Hat sich erledigt, war ein Tippfehler"])
def test_what_sounds_settled_is_never_surely_a_question(words: str) -> None:
    assert is_question(words) is UNSURE


@pytest.mark.parametrize(
    "words",
    [
        "bump",
        "Welcome!",
        "👍",
        "no idea sorry",
        "I'd like to know this too",
        "me too",
        "+1",
        "> How do I rotate the secret?",
        ":wave:",
        "📊",
        "could you paste the config please",
        "Which version are you on?",
        "Keine Ahnung, sorry",
        "Das würde mich auch interessieren",
        "Welche Version hast du?",
        "Kannst du mal die Konfiguration posten",
        "我也是",
    ],
)
def test_what_does_not_help_is_no_answer(words: str) -> None:
    assert is_answer(words) is NO


@pytest.mark.parametrize(
    "words",
    [
        "Same for me worked with rotate --graceful",
        "Under Settings, Webhooks, Rotate.",
        "Try clearing the cache first.",
        "Bei mir ging es mit --graceful",
        "重启一下服务试试",
        "`--graceful`",
        "```sh\nrotate --graceful\n```",
        "`rotate`, `restart`",
        "> Run `rotate --graceful`, it keeps the sessions.",
    ],
)
def test_what_helps_is_an_answer(words: str) -> None:
    assert is_answer(words) is YES


@pytest.mark.parametrize(
    "words",
    [
        "Are you on Wi-Fi? Then it's the captive portal, open any http page once.",
        "Bist du im WLAN? Dann ist es das Portal, einmal irgendeine Seite öffnen.",
        "Did you try clearing the cookies? It worked for me.",
    ],
)
def test_what_begins_by_asking_back_and_goes_on_to_help_is_an_answer(words: str) -> None:
    assert is_answer(words) is not NO


@pytest.mark.parametrize(
    "words",
    [
        "Settings > Billing > History",
        "zwei Leerzeichen, kein Tab",
        "Alle 15 Minuten.",
        "16, mit 8 wird's eng",
        "this might help https://example.org/kb/12",
        "Steht hier: https://example.org/doku/rollen",
    ],
)
def test_what_names_a_thing_in_a_few_words_is_an_answer(words: str) -> None:
    assert is_answer(words) is YES


@pytest.mark.parametrize(
    "words", ["Press Rotate.", "Press Save", "Drücke Speichern.", "Restarting helped.", "Scroll down."]
)
def test_two_words_that_say_what_to_do_are_not_surely_no_answer(words: str) -> None:
    assert is_answer(words) is not NO


@pytest.mark.parametrize(
    "words",
    [
        "same here, would love a fix",
        "hier genauso, hoffe auf eine lösung",
        "ich frag mal rum",
        "taking a look",
        "any luck?",
        "schon was rausgefunden?",
        "schau ich mir später an",
        "please don't double post",
        "wrong channel",
    ],
)
def test_who_only_is_there_too_gives_no_answer(words: str) -> None:
    assert is_answer(words) is not YES


@pytest.mark.parametrize(
    "words",
    [
        "Anyone else excited for the conf?",
        "Did you know we have a newsletter? Sign up on the website.",
        "Happy to review PRs this week, just ping me",
        "Wusstet ihr schon? Es gibt jetzt einen Newsletter.",
        "War das nicht ein super Vortrag?",
        "Der Fehler ist von selbst verschwunden",
        "Keine Ahnung, warum, aber jetzt geht es",
        "How to reset your password (a guide)",
        "How to set up two-factor login: a short guide",
        "如何重置密码（教程）",
        "Webhook Secret の更新方法（ガイド）",
        "Who's going to the meetup on Friday?",
        "Is anyone else going to FOSDEM?",
        "Anyone want to join my team?",
        "Who needs help moving to v4? I have time this week.",
        "Need help with anything? Just ask me.",
        "May I introduce our new moderator?",
        "What do you think of the new logo?",
        "Wer kommt am Freitag zum Treffen?",
        "Habt ihr Fragen zum Workshop? Stellt sie hier.",
        "Darf ich vorstellen: unser neuer Moderator",
    ],
)
def test_what_announces_offers_or_only_marvels_is_no_sure_question(words: str) -> None:
    assert is_question(words) is not YES


@pytest.mark.parametrize(
    "words", ["could you paste the config please", "What does the log say?", "Hast du schon neu gestartet?", "what os?"]
)
def test_who_wants_to_know_more_asks_back(words: str) -> None:
    assert asks_back(words) is YES


@pytest.mark.parametrize(
    "words",
    [
        "Perfect, that works now!",
        "thanks, that did it",
        "Danke, das klappt!",
        "谢谢，可以了",
        "nvm, found it",
        "it's working 🎉",
        "You're a lifesaver",
    ],
)
def test_who_says_that_it_works_is_content(words: str) -> None:
    assert is_content(words) is YES


@pytest.mark.parametrize(
    "words",
    [
        "works on my machine, fails on the server",
        "It worked for a minute, then the error came back.",
        "worked briefly",
        "Thanks, but it still fails",
        "Great, and how do I undo it?",
        "Bei mir geht es, auf dem Server nicht",
        "Kurz ging es, dann kam der Fehler wieder",
        "Danke, aber es geht immer noch nicht",
        "谢谢，但是还是不行",
    ],
)
def test_who_is_still_in_need_is_not_content(words: str) -> None:
    assert is_content(words) is NO


@given(st.text())
@example("@" * 3000)
@example("`" * 999)
@example("؟\ud800\x00")
def test_any_words_can_be_read(words: str) -> None:
    assert {decide(words) for decide in (is_question, is_answer, asks_back, is_content)} <= {*Verdict}
    assert 0 <= likely("question", words) <= 1
    title, details = split_title(words)
    assert len(title) <= 150 and details in ("", clean(words))


def test_details_say_what_the_title_does_not() -> None:
    for said in ("The export says 500. Any idea?", "Hi all! Why is the build red? Thanks in advance!"):
        assert split_title(said)[1] == ""
    for said in (
        "Why is the build red? It was green on Monday.",
        "Why is it red?\n```\nexit 1\n```",
        "why " * 60 + "red?",
    ):
        assert split_title(said)[1] == said


def test_the_words_of_each_language_are_of_known_kinds() -> None:
    assert {"de", "en", "ja", "zh"} <= {*known_languages()}
    found = {kind for rows in lexicon().phrases.values() for _, kind in rows} | {*lexicon().parts}
    assert found == KINDS


@pytest.mark.parametrize(
    "words,title",
    [
        ("Hi. I am new. How do I start? Thanks!", "How do I start?"),
        ("How do I start?", "How do I start?"),
        ("How do I upgrade to 2.1? I use Node.js.", "How do I upgrade to 2.1?"),
        ("See https://example.org/a?b=c for it. Why is it slow?", "Why is it slow?"),
        (
            "The export of invoices fails with error 500 since yesterday. Any ideas?",
            "The export of invoices fails with error 500 since yesterday.",
        ),
        ("The build is red on ARM. Why?", "The build is red on ARM."),
        ("My pods crash at the start. Can anyone help me?", "My pods crash at the start."),
        ("Der Export bricht mit Fehler 500 ab. Jemand eine Idee?", "Der Export bricht mit Fehler 500 ab."),
        ("How do I install `pandas`?", "How do I install `pandas`?"),
        ("`a. b` deletes too much. Why?", "`a. b` deletes too much."),
        ("@Trellis How do I move the database?", "How do I move the database?"),
        ("@Trellis: hi all, how do I move the database?", "how do I move the database?"),
        ("Hello @Trellis, how do I move the database?", "how do I move the database?"),
        ("Hallo @Trellis, @Noah: wie ziehe ich die Datenbank um?", "wie ziehe ich die Datenbank um?"),
        ("Frage: Wie setze ich das Passwort zurück?", "Wie setze ich das Passwort zurück?"),
        (
            "Sorry if this is the wrong place. The webhook secret can't be rotated. What is up?",
            "The webhook secret can't be rotated.",
        ),
        ("Hallo zusammen, wie richte ich den Server ein?", "wie richte ich den Server ein?"),
        ("How do I run [the guide](https://example.org/x)?", "How do I run the guide?"),
        ("How do I use https://example.org/very/long here?", "How do I use example.org here?"),
        ("请问如何导出发票？谢谢", "请问如何导出发票？"),
        # What only asks about what was said before tells no subject
        ("My invoices show the wrong VAT number. How do I fix this?", "My invoices show the wrong VAT number."),
        ("The export fails with error 500. Has anyone else seen this?", "The export fails with error 500."),
        ("Nach dem Update ist das Dashboard leer. Was mache ich falsch?", "Nach dem Update ist das Dashboard leer."),
        ("Der Login leitet endlos weiter. Woran kann das liegen?", "Der Login leitet endlos weiter."),
        ("Не приходит письмо с подтверждением. Что делать?", "Не приходит письмо с подтверждением."),
        ("L'export échoue avec une erreur 500. Comment résoudre ça ?", "L'export échoue avec une erreur 500."),
        ("パスワードを忘れました。どうすればいいですか？", "パスワードを忘れました。"),
        ("导出发票时报错500。怎么办？", "导出发票时报错500。"),
        ("Is this a bug or a feature? The page reloads when I save.", "The page reloads when I save."),
        ("How can I solve conflicts in the calendar?", "How can I solve conflicts in the calendar?"),
        ("How do I fix this?", "How do I fix this?"),
        # Dots that end no sentence
        ("Why does it answer twice, e.g. to /help vs. /ask? Hm", "Why does it answer twice, e.g. to /help vs. /ask?"),
        ("Wie binde ich z.B. ein Bild ein? Danke", "Wie binde ich z.B. ein Bild ein?"),
        ("What's the max. size of an upload?", "What's the max. size of an upload?"),
        ("Was ist der Unterschied zw. Pro und Free?", "Was ist der Unterschied zw. Pro und Free?"),
        # What is only typed to be drawn
        ("**How do I log in to the server?**", "How do I log in to the server?"),
        ("# How do I _rotate_ the ~~old~~ secret?", "How do I rotate the old secret?"),
        ("***Why*** is __very slow__ what `**a**` calls?", "Why is very slow what `**a**` calls?"),
        ("Why does __init__ call snake_case_name, 2 * 3 * 4?", "Why does __init__ call snake_case_name, 2 * 3 * 4?"),
        ("1. Open the settings 2. It crashes with error 5", "It crashes with error 5"),
        ("3. The export crashes", "The export crashes"),
        ("- The export crashes\n- Any ideas?", "The export crashes"),
        ("It fails with error 5. Any ideas?", "It fails with error 5."),
        # What is quoted, where nothing else tells the subject
        ("How do I fix this?\n> Error 500 at login with SSO", "Error 500 at login with SSO"),
        ("> The build is red.\nHow do I skip the slow checks?", "How do I skip the slow checks?"),
        ("\u2068هل نلتقي غدا في الحديقة؟\u2069\n\u2068نعم\u2069", "هل نلتقي غدا في الحديقة؟"),
    ],
)
def test_a_title_tells_what_it_is_about(words: str, title: str) -> None:
    found, details = split_title(words)
    assert found == title and details in ("", words)
