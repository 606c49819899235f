"""What merchants read while they set up their mail account: the test mail, and why one did not arrive."""

from domain.setup import MailVerdict
from domain.tenant_config import Language

_SUBJECT = {Language.GERMAN: "[{tenant}] Testmail von Holdfast", Language.ENGLISH: "[{tenant}] Test mail of Holdfast"}
_BODY = {
    Language.GERMAN: (
        "Diese Mail wurde zum Test verschickt.\n\n"
        "Die Mail-Einstellungen von {name} funktionieren. An diese Adresse gehen künftig Meldungen über Bestellungen, "
        "die jemanden brauchen.\n"
    ),
    Language.ENGLISH: (
        "This mail was sent as a test.\n\n"
        "The mail settings of {name} work. Messages about orders that need somebody will go to this address.\n"
    ),
}
_VERDICTS = {
    MailVerdict.TAKEN: (
        "Der Mailserver hat die Testmail angenommen; kommt sie an, ist alles eingerichtet.",
        "The mail server took the test mail; once it arrives, everything is set up.",
    ),
    MailVerdict.BAD_ADDRESS: (
        "Absender oder Empfänger ist keine einfache Mailadresse.",
        "Sender or recipient is no plain mail address.",
    ),
    MailVerdict.HOST_UNKNOWN: (
        "Den Namen des Mailservers gibt es nicht; prüfe die Schreibweise.",
        "There is no mail server of this name; check how it is written.",
    ),
    MailVerdict.UNREACHABLE: (
        "Unter diesem Namen und Port antwortet niemand; prüfe vor allem den Port (üblich sind 587 und 465).",
        "Nobody answers at this name and port; check the port first (587 and 465 are usual).",
    ),
    MailVerdict.NO_MAIL_SERVER: (
        "Dort antwortet etwas, aber nicht wie ein Mailserver; prüfe Name und Port.",
        "Something answers there, but not like a mail server; check name and port.",
    ),
    MailVerdict.NO_ENCRYPTION: (
        "Der Mailserver bietet diese Verschlüsselung dort nicht an; STARTTLS gehört meist zu Port 587, TLS zu 465.",
        "The mail server does not offer this encryption there; STARTTLS mostly goes with port 587, TLS with 465.",
    ),
    MailVerdict.CERTIFICATE: (
        "Das Zertifikat des Mailservers ist nicht vertrauenswürdig oder lautet auf einen anderen Namen.",
        "The mail server's certificate is not trusted or is for another name.",
    ),
    MailVerdict.LOGIN_REFUSED: (
        "Der Mailserver lehnt Benutzer oder Passwort ab.",
        "The mail server refuses user or password.",
    ),
    MailVerdict.NO_LOGIN: (
        "Der Mailserver bietet dort keine Anmeldung an; oft verlangt er erst Verschlüsselung.",
        "The mail server offers no login there; often it wants encryption first.",
    ),
    MailVerdict.SENDER_REFUSED: (
        "Der Mailserver lehnt den Absender ab; meist muss er zum angemeldeten Postfach gehören.",
        "The mail server refuses the sender; mostly it has to belong to the mailbox that logs in.",
    ),
    MailVerdict.RECIPIENT_REFUSED: (
        "Der Mailserver lehnt den Empfänger ab; prüfe die Adresse.",
        "The mail server refuses the recipient; check the address.",
    ),
    MailVerdict.TEXT_REFUSED: (
        "Der Mailserver lehnt die Mail selbst ab; frage, wer ihn betreut.",
        "The mail server refuses the mail itself; ask who looks after it.",
    ),
    MailVerdict.BUSY: (
        "Der Mailserver nimmt gerade nichts an; versuche es in einigen Minuten noch einmal.",
        "The mail server takes nothing at the moment; try again in a few minutes.",
    ),
    MailVerdict.UNCLEAR: (
        "Die Verbindung brach ab, nachdem die Mail verschickt war; sieh nach, ob sie ankommt.",
        "The connection broke after the mail had left; look whether it arrives.",
    ),
}


def trial_mail(tenant: str, name: str, language: Language) -> tuple[str, str]:
    """Subject and body of a test mail of the tenant, whose name is `name`."""
    return _SUBJECT[language].format(tenant=tenant), _BODY[language].format(name=name)


def mail_sentence(verdict: MailVerdict, language: Language) -> str:
    """What became of a test mail, in one sentence."""
    german, english = _VERDICTS[verdict]
    return german if language is Language.GERMAN else english
