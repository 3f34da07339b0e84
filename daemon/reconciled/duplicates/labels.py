"""Words by which the head of a letter or a mail is known, in many languages, as `fold` gives them."""

from reconciled.duplicates.normalising import fold

_SUBJECT = """
subject betreff betrifft objet asunto oggetto onderwerp betreft temat dotyczy assunto тема θέμα 件名
emne ämne aihe tárgy
predmet předmět konu subiect
sent gesendet envoyé enviado enviada inviato verzonden wysłano отправлено εστάλη 送信日時
发送时间 發送時間 主题 主題
sendt skickat lähetetty
"""
_GREETING = """
dear hello geehrte geehrter geehrtes liebe lieber hallo guten chère cher bonjour madame monsieur estimado
estimada querido querida hola exmo exma exmos exmas caro cara prezado prezada gentile egregio egregia
spettabile spett
geachte beste szanowny szanowna szanowni państwo drogi droga уважаемый уважаемая уважаемые
здравствуйте αγαπητέ
様 殿 御中 先生 女士 小姐 尊敬 拝啓 前略
αγαπητή αξιότιμε αξιότιμη κύριε κυρία kære hej hei kära vážený vážená tisztelt sayın stimate
"""
LABELS = frozenset(fold(word.casefold()) for word in (_SUBJECT + _GREETING).split())
"""Labels of a mail's head, and how people are addressed."""
