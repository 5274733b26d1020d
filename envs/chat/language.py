"""Which language a text is in, as far as a constraint on the language of a reply needs it.

The script decides where only one of the languages is written in it; among languages of one script, function words do.
A text too short or too odd to tell is given the benefit of the doubt: it counts as the language that was asked for.
"""
# ruff: noqa: RUF001 - words of many alphabets, letters that look alike among them

from __future__ import annotations

import re
import unicodedata
from collections import Counter

SCRIPTS = {  # the first word of a letter's Unicode name -> the languages written so
    "BENGALI": ("bn",),
    "CYRILLIC": ("ru", "bg", "uk"),
    "DEVANAGARI": ("hi", "mr", "ne"),
    "GREEK": ("el",),
    "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",),
    "HANGUL": ("ko",),
    "HEBREW": ("he",),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "CJK": ("zh",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "THAI": ("th",),
    "ARABIC": ("ar", "fa", "ur"),
    "LATIN": ("en", "de", "fr", "es", "it", "pt", "nl", "fi", "pl", "sw", "vi", "sv"),
}
WORDS = {
    "en": "the of and to in is that it for was with as on be are this by at from or have not you an his i we they will",
    "de": "der die das und ist nicht ein eine zu den von mit sich auf für im dem des auch es ich sie wir wie als wird",
    "fr": "le la les et est un une de des du que qui dans pour pas sur avec au il elle nous vous ce cette sont plus je",
    "es": "el la los las y es un una de que en por con para no se del al lo como más su sus pero está son muy yo",
    "it": "il la gli le e è un una di che in per con non si del della al come più sono anche questo ma ho mi nel lo",
    "pt": "o a os as e é um uma de que em por com para não se do da no na como mais seu sua são mas foi ao você eu",
    "nl": "de het een en is van niet dat op te in voor met zijn aan er ook als maar om door over bij nog ze wij ik",
    "fi": "ja on ei se että oli hän olla mutta kuin joka myös voi ovat tämä niin sen kun sekä jos hänen minä tai",
    "pl": "i w nie na się z do jest to że jak o za co ale po tak od przez dla jego oraz są być może który ja",
    "sw": "na ya wa kwa ni za la katika hii kuwa yake cha kama hiyo pia watu moja sana huo yangu ili au lakini",
    "vi": "là của và có không được cho một các trong với người này những để khi đã đến từ về cũng như tôi bạn nhiều",
    "sv": "och att det som en på är av för med den till inte om ett har de var jag så men kan vi han sig från eller",
    "ru": "и в не на что я с он как это по но из у к за от бы для мы вы они так его все же было или",
    "bg": "и на да се за от не е в са това като че със който по тази ще си или до има много но аз",
    "uk": "і в не на що я з він як це по але із у до за від для ми ви вони так його все ж було або є та",
    "hi": "है और के का में की को से यह कि हैं पर नहीं एक लिए भी तो था ने हो इस कर वह मैं",
    "mr": "आहे आणि च्या मध्ये हे या एक नाही ते तो होते होता आहेत साठी मी पण करून त्या ची चे ला हा",
    "ne": "छ र को मा हो यो छन् लाई पनि गर्न एक हुन्छ भएको थियो गर्ने तर म यस हरू ले बाट छैन",
    "ar": "في من على أن إلى هذا التي عن لا مع كان هذه الذي ما هو كل أو بعد قد هي كما ذلك",
    "fa": "و در به از که این را با است برای آن یک می خود تا بر هم های شود ما من او بود اما",
    "ur": "کے میں کی ہے اور سے کا کو اس نے پر یہ ہیں کہ ایک بھی نہیں تو تھا ہو وہ لیے کر گیا",
}
LEAST = 3  # letters below which nothing is said


def language_of(text: str, asked: str) -> str:
    """The ISO 639-1 code of a text's language; `asked` where it cannot be told apart from others."""
    scripts = Counter(_script(c) for c in text if c.isalpha())
    if sum(scripts.values()) < LEAST:
        return asked
    main = scripts.most_common(1)[0][0]
    if main == "CJK" and scripts["HIRAGANA"] + scripts["KATAKANA"]:
        return "ja"  # Chinese characters among Japanese syllables
    languages = SCRIPTS.get(main, ())
    if len(languages) <= 1:
        return languages[0] if languages else asked
    found = Counter(re.findall(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u097f]+[^\W\d_]*)*", text.lower()))
    votes = {name: sum(found[word] for word in WORDS[name].split()) for name in languages}
    most = max(votes.values())
    if asked in languages and votes[asked] == most:
        return asked
    if most == 0:
        return asked if asked in languages else languages[0]
    return max(languages, key=lambda name: votes[name])


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
